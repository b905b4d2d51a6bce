package api

// Upstream: pkg/registry/apps/*/strategy.go, pkg/registry/core/replicationcontroller/strategy.go

import (
	"context"

	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	autoscalingvalidation "k8s.io/kubernetes/pkg/apis/autoscaling/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
)

// DeploymentRules judge deployments.
func DeploymentRules() Rules {
	t := templateFunc[*apps.Deployment](func(d *apps.Deployment) *core.PodTemplateSpec { return &d.Spec.Template })
	return Rules{
		Create: create(func(d *apps.Deployment) field.ErrorList { return validation.ValidateDeployment(d, t.optionsNew(d)) }),
		Update: update(func(d, old *apps.Deployment) field.ErrorList {
			return validation.ValidateDeploymentUpdate(d, old, t.options(d, old))
		}),
		WarnCreate: warn(func(ctx context.Context, d *apps.Deployment) []string {
			return append(warnName(d.Name, templateName), t.warn(ctx, d)...)
		}),
		WarnUpdate: warnUpdate(func(ctx context.Context, d, old *apps.Deployment) []string {
			if d.Generation == old.Generation {
				return nil
			}
			return t.warnUpdate(ctx, d, old)
		}),
		Drop: t.drop(),
	}
}

// DeploymentStatusRules judge updates of deployments/status.
func DeploymentStatusRules() Rules {
	return Rules{Update: update(validation.ValidateDeploymentStatusUpdate)}
}

// ReplicaSetRules judge replica sets.
func ReplicaSetRules() Rules {
	t := templateFunc[*apps.ReplicaSet](func(s *apps.ReplicaSet) *core.PodTemplateSpec { return &s.Spec.Template })
	return Rules{
		Create: create(func(s *apps.ReplicaSet) field.ErrorList { return validation.ValidateReplicaSet(s, t.optionsNew(s)) }),
		Update: update(func(s, old *apps.ReplicaSet) field.ErrorList {
			return validation.ValidateReplicaSetUpdate(s, old, t.options(s, old))
		}),
		WarnCreate: warn(func(ctx context.Context, s *apps.ReplicaSet) []string {
			return append(warnName(s.Name, templateName), t.warn(ctx, s)...)
		}),
		WarnUpdate: warnUpdate(func(ctx context.Context, s, old *apps.ReplicaSet) []string {
			if s.Generation == old.Generation {
				return nil
			}
			return t.warnUpdate(ctx, s, old)
		}),
		Drop: t.drop(),
	}
}

// ReplicaSetStatusRules judge updates of replicasets/status.
func ReplicaSetStatusRules() Rules {
	return Rules{Update: update(validation.ValidateReplicaSetStatusUpdate)}
}

// DaemonSetRules judge daemon sets.
func DaemonSetRules() Rules {
	t := templateFunc[*apps.DaemonSet](func(s *apps.DaemonSet) *core.PodTemplateSpec { return &s.Spec.Template })
	return Rules{
		Create: create(func(s *apps.DaemonSet) field.ErrorList { return validation.ValidateDaemonSet(s, t.optionsNew(s)) }),
		Update: update(func(s, old *apps.DaemonSet) field.ErrorList {
			opts := t.options(s, old)
			opts.AllowInvalidLabelValueInSelector = opts.AllowInvalidLabelValueInSelector || metav1validation.LabelSelectorHasInvalidLabelValue(old.Spec.Selector)
			return validation.ValidateDaemonSetUpdate(s, old, opts)
		}),
		WarnCreate: warn(t.warn),
		WarnUpdate: warnUpdate(func(ctx context.Context, s, old *apps.DaemonSet) []string {
			if s.Spec.TemplateGeneration == old.Spec.TemplateGeneration {
				return nil
			}
			return t.warnUpdate(ctx, s, old)
		}),
		Drop: t.drop(),
	}
}

// DaemonSetStatusRules judge updates of daemonsets/status.
func DaemonSetStatusRules() Rules {
	return Rules{Update: update(validation.ValidateDaemonSetStatusUpdate)}
}

// ReplicationControllerRules judge replication controllers.
func ReplicationControllerRules() Rules {
	t := templateFunc[*core.ReplicationController](func(c *core.ReplicationController) *core.PodTemplateSpec { return c.Spec.Template })
	return declared(Rules{
		Create: create(func(c *core.ReplicationController) field.ErrorList {
			return corevalidation.ValidateReplicationController(c, t.optionsNew(c))
		}),
		Update: update(func(c, old *core.ReplicationController) field.ErrorList {
			return corevalidation.ValidateReplicationControllerUpdate(c, old, t.options(c, old))
		}),
		WarnCreate: warn(func(ctx context.Context, c *core.ReplicationController) []string {
			return append(warnName(c.Name, templateName), t.warn(ctx, c)...)
		}),
		WarnUpdate: warnUpdate(func(ctx context.Context, c, old *core.ReplicationController) []string {
			if c.Generation == old.Generation {
				return nil
			}
			return t.warnUpdate(ctx, c, old)
		}),
		Drop: t.drop(),
	})
}

// ReplicationControllerStatusRules judge updates of replicationcontrollers/status.
func ReplicationControllerStatusRules() Rules {
	return Rules{Update: update(corevalidation.ValidateReplicationControllerStatusUpdate)}
}

// ControllerRevisionRules judge controller revisions.
func ControllerRevisionRules() Rules {
	return Rules{
		Create: create(validation.ValidateControllerRevisionCreate),
		Update: update(validation.ValidateControllerRevisionUpdate),
	}
}

// ScaleRules judge the body of a scale subresource.
func ScaleRules() Rules {
	return Rules{Update: update(func(s, _ *autoscaling.Scale) field.ErrorList { return autoscalingvalidation.ValidateScale(s) })}
}
