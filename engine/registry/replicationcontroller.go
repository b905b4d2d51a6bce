package registry

// Upstream: pkg/registry/core/replicationcontroller/strategy.go

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
)

func replicationControllerStrategy() strategy {
	return strategy{
		rules:  api.ReplicationControllerRules(),
		resets: resets("v1", path("status")),
		gc:     orphanedInV1,
		prepareCreate: onCreate(func(c *corev1.ReplicationController) {
			c.Status, c.Generation = corev1.ReplicationControllerStatus{}, 1
		}),
		prepareUpdate: onUpdate(func(c, old *corev1.ReplicationController) {
			c.Status = old.Status
			if !equal(c.Spec, old.Spec) {
				c.Generation = old.Generation + 1
			}
		}),
	}
}

// orphanedInV1 keeps the pods of a replication controller that is deleted
// through core/v1, as it was before there was a garbage collector.
func orphanedInV1(ctx context.Context) rest.GarbageCollectionPolicy {
	if i, ok := genericapirequest.RequestInfoFrom(ctx); ok && i.APIGroup == "" && i.APIVersion == "v1" {
		return rest.OrphanDependents
	}
	return rest.DeleteDependents
}

func replicationControllerStatusStrategy() strategy {
	return strategy{
		rules:         api.ReplicationControllerStatusRules(),
		resets:        resets("v1", path("spec")),
		gc:            orphanedInV1,
		prepareUpdate: onUpdate(func(c, old *corev1.ReplicationController) { c.Spec = old.Spec }),
	}
}
