package registry

// Upstream: pkg/registry/{apps,coordination,core,node,rbac,scheduling}/*/strategy.go

import (
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"

	"kubergarten/engine/api"
)

func configMapStrategy() strategy { return strategy{rules: api.ConfigMapRules()} }

func secretStrategy() strategy {
	return strategy{
		rules: api.SecretRules(),
		prepareUpdate: onUpdate(func(s, old *corev1.Secret) {
			if s.Type == "" { // validation forbids a change; this is none
				s.Type = old.Type
			}
		}),
	}
}

func serviceAccountStrategy() strategy {
	return strategy{
		rules:         api.ServiceAccountRules(),
		prepareCreate: onCreate(func(a *corev1.ServiceAccount) { cleanSecrets(a) }),
		prepareUpdate: onUpdate(func(a, _ *corev1.ServiceAccount) { cleanSecrets(a) }),
	}
}

// cleanSecrets keeps only the names of the secrets.
func cleanSecrets(a *corev1.ServiceAccount) {
	for i, s := range a.Secrets {
		a.Secrets[i] = corev1.ObjectReference{Name: s.Name}
	}
}

func endpointsStrategy() strategy {
	return strategy{rules: api.EndpointsRules(), createOnUpdate: true}
}

func leaseStrategy() strategy {
	return strategy{
		rules: api.LeaseRules(), createOnUpdate: true, conditional: true,
		prepareCreate: onCreate(func(l *coordinationv1.Lease) { l.Spec.Strategy, l.Spec.PreferredHolder = nil, nil }),
		prepareUpdate: onUpdate(func(l, old *coordinationv1.Lease) { // the gate CoordinatedLeaderElection is off
			if old.Spec.Strategy == nil {
				l.Spec.Strategy = nil
			}
			if old.Spec.PreferredHolder == nil {
				l.Spec.PreferredHolder = nil
			}
		}),
	}
}

func controllerRevisionStrategy() strategy { return strategy{rules: api.ControllerRevisionRules()} }

func runtimeClassStrategy() strategy {
	return strategy{rules: api.RuntimeClassRules(), createOnUpdate: true, conditional: true}
}

func priorityClassStrategy() strategy {
	return strategy{
		rules:         api.PriorityClassRules(),
		prepareCreate: onCreate(func(c *schedulingv1.PriorityClass) { c.Generation = 1 }),
	}
}

func roleStrategy() strategy { return strategy{rules: api.RoleRules(), createOnUpdate: true} }

func clusterRoleStrategy() strategy {
	return strategy{rules: api.ClusterRoleRules(), createOnUpdate: true}
}

func roleBindingStrategy() strategy {
	return strategy{rules: api.RoleBindingRules(), createOnUpdate: true}
}

func clusterRoleBindingStrategy() strategy {
	return strategy{rules: api.ClusterRoleBindingRules(), createOnUpdate: true}
}
