package registry

// Upstream: pkg/registry/apps/deployment/strategy.go

import (
	appsv1 "k8s.io/api/apps/v1"

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
