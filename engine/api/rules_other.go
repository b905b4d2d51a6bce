package api

// Upstream: pkg/registry/{coordination,discovery,node,rbac,scheduling}/*/strategy.go

import (
	"context"
	"fmt"

	discoveryv1 "k8s.io/api/discovery/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/registry/rest"
	nodeapi "k8s.io/kubernetes/pkg/api/node"
	"k8s.io/kubernetes/pkg/apis/authorization"
	authorizationvalidation "k8s.io/kubernetes/pkg/apis/authorization/validation"
	coordinationvalidation "k8s.io/kubernetes/pkg/apis/coordination/validation"
	"k8s.io/kubernetes/pkg/apis/discovery"
	discoveryvalidation "k8s.io/kubernetes/pkg/apis/discovery/validation"
	"k8s.io/kubernetes/pkg/apis/node"
	nodevalidation "k8s.io/kubernetes/pkg/apis/node/validation"
	"k8s.io/kubernetes/pkg/apis/rbac"
	rbacvalidation "k8s.io/kubernetes/pkg/apis/rbac/validation"
	schedulingvalidation "k8s.io/kubernetes/pkg/apis/scheduling/validation"
)

// LeaseRules judge leases.
func LeaseRules() Rules {
	return Rules{Create: create(coordinationvalidation.ValidateLease), Update: update(coordinationvalidation.ValidateLeaseUpdate)}
}

// PriorityClassRules judge priority classes.
func PriorityClassRules() Rules {
	return Rules{Create: create(schedulingvalidation.ValidatePriorityClass), Update: update(schedulingvalidation.ValidatePriorityClassUpdate)}
}

// RuntimeClassRules judge runtime classes.
func RuntimeClassRules() Rules {
	warnings := warn(func(_ context.Context, c *node.RuntimeClass) []string { return nodeapi.GetWarningsForRuntimeClass(c) })
	return declared(Rules{
		Create: create(nodevalidation.ValidateRuntimeClass),
		Update: update(func(c, old *node.RuntimeClass) field.ErrorList {
			return append(nodevalidation.ValidateRuntimeClass(c), nodevalidation.ValidateRuntimeClassUpdate(c, old)...)
		}),
		WarnCreate: warnings, WarnUpdate: warnAlways(warnings),
	}, rest.WithNormalizationRules(nodevalidation.NodeNormalizationRules))
}

// EndpointSliceRules judge endpoint slices.
func EndpointSliceRules() Rules {
	return declared(Rules{
		Create: create(discoveryvalidation.ValidateEndpointSliceCreate),
		Update: update(discoveryvalidation.ValidateEndpointSliceUpdate),
		WarnCreate: warn(func(_ context.Context, s *discovery.EndpointSlice) []string {
			return append(warnFQDN(s), warnSliceIPs(s)...)
		}),
		WarnUpdate: warnUpdate(func(_ context.Context, s, _ *discovery.EndpointSlice) []string { return warnSliceIPs(s) }),
	})
}

func warnFQDN(s *discovery.EndpointSlice) []string {
	if s.AddressType != discovery.AddressTypeFQDN {
		return nil
	}
	return []string{fmt.Sprintf("%s: FQDN endpoints are deprecated", field.NewPath("spec").Child("addressType"))}
}

// warnSliceIPs speaks to those who write slices by hand, not to the controllers.
func warnSliceIPs(s *discovery.EndpointSlice) (warnings []string) {
	switch s.Labels[discoveryv1.LabelManagedBy] {
	case "endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io":
		return nil
	}
	for i, e := range s.Endpoints {
		for j, addr := range e.Addresses {
			warnings = append(warnings, utilvalidation.GetWarningsForIP(field.NewPath("endpoints").Index(i).Child("addresses").Index(j), addr)...)
		}
	}
	return warnings
}

// RoleRules judge roles.
func RoleRules() Rules {
	return declared(Rules{Create: create(rbacvalidation.ValidateRole), Update: update(rbacvalidation.ValidateRoleUpdate)})
}

// ClusterRoleRules judge cluster roles.
func ClusterRoleRules() Rules {
	return declared(Rules{
		Create: create(func(r *rbac.ClusterRole) field.ErrorList {
			return rbacvalidation.ValidateClusterRole(r, rbacvalidation.ClusterRoleValidationOptions{})
		}),
		Update: update(func(r, old *rbac.ClusterRole) field.ErrorList {
			return rbacvalidation.ValidateClusterRoleUpdate(r, old, rbacvalidation.ClusterRoleValidationOptions{
				AllowInvalidLabelValueInSelector: badSelector(old),
			})
		}),
	})
}

func badSelector(r *rbac.ClusterRole) bool {
	if r.AggregationRule == nil {
		return false
	}
	for _, s := range r.AggregationRule.ClusterRoleSelectors {
		if len(metav1validation.ValidateLabelSelector(&s, metav1validation.LabelSelectorValidationOptions{}, nil)) > 0 {
			return true
		}
	}
	return false
}

// RoleBindingRules judge role bindings.
func RoleBindingRules() Rules {
	return declared(Rules{Create: create(rbacvalidation.ValidateRoleBinding), Update: update(rbacvalidation.ValidateRoleBindingUpdate)})
}

// ClusterRoleBindingRules judge cluster role bindings.
func ClusterRoleBindingRules() Rules {
	return Rules{Create: create(rbacvalidation.ValidateClusterRoleBinding), Update: update(rbacvalidation.ValidateClusterRoleBindingUpdate)}
}

// SubjectAccessReviewRules judge questions about anybody's rights.
func SubjectAccessReviewRules() Rules {
	return Rules{Create: create(func(r *authorization.SubjectAccessReview) field.ErrorList {
		return authorizationvalidation.ValidateSubjectAccessReview(r)
	})}
}

// SelfSubjectAccessReviewRules judge questions about one's own rights.
func SelfSubjectAccessReviewRules() Rules {
	return Rules{Create: create(func(r *authorization.SelfSubjectAccessReview) field.ErrorList {
		return authorizationvalidation.ValidateSelfSubjectAccessReview(r)
	})}
}

// LocalSubjectAccessReviewRules judge questions about rights in a namespace.
func LocalSubjectAccessReviewRules() Rules {
	return Rules{Create: create(func(r *authorization.LocalSubjectAccessReview) field.ErrorList {
		return authorizationvalidation.ValidateLocalSubjectAccessReview(r)
	})}
}
