package registry

// Upstream: pkg/registry/apps/replicaset/strategy.go

import (
	appsv1 "k8s.io/api/apps/v1"

	"kubergarten/engine/api"
)

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
