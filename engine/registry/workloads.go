package registry

// Upstream: pkg/registry/apps/{deployment,replicaset}/strategy.go,
// pkg/registry/core/replicationcontroller/strategy.go

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
)

func deploymentStrategy() strategy {
	return strategy{
		rules:  api.DeploymentRules(),
		resets: resets("apps/v1", path("status")),
		gc:     collected,
		prepareCreate: onCreate(func(d *appsv1.Deployment) {
			d.Status, d.Generation = appsv1.DeploymentStatus{}, 1
		}),
		prepareUpdate: onUpdate(func(d, old *appsv1.Deployment) {
			d.Status = old.Status
			if !equal(d.Spec, old.Spec) || !equal(d.Annotations, old.Annotations) {
				d.Generation = old.Generation + 1
			}
		}),
	}
}

func deploymentStatusStrategy() strategy {
	return strategy{
		rules:  api.DeploymentStatusRules(),
		resets: resets("apps/v1", path("spec"), path("metadata", "labels")),
		gc:     collected,
		prepareUpdate: onUpdate(func(d, old *appsv1.Deployment) {
			d.Spec, d.Labels = old.Spec, old.Labels
		}),
	}
}

func replicaSetStrategy() strategy {
	return strategy{
		rules:  api.ReplicaSetRules(),
		resets: resets("apps/v1", path("status")),
		gc:     collected,
		prepareCreate: onCreate(func(s *appsv1.ReplicaSet) {
			s.Status, s.Generation = appsv1.ReplicaSetStatus{}, 1
		}),
		prepareUpdate: onUpdate(func(s, old *appsv1.ReplicaSet) {
			s.Status = old.Status
			if !equal(s.Spec, old.Spec) {
				s.Generation = old.Generation + 1
			}
		}),
	}
}

func replicaSetStatusStrategy() strategy {
	return strategy{
		rules:         api.ReplicaSetStatusRules(),
		resets:        resets("apps/v1", path("spec")),
		gc:            collected,
		prepareUpdate: onUpdate(func(s, old *appsv1.ReplicaSet) { s.Spec = old.Spec }),
	}
}

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
