package api

// Upstream: pkg/registry/core/*/strategy.go

import (
	"context"
	"crypto/tls"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	serviceapi "k8s.io/kubernetes/pkg/api/service"
	"k8s.io/kubernetes/pkg/apis/authentication"
	authenticationvalidation "k8s.io/kubernetes/pkg/apis/authentication/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// NamespaceRules judge namespaces.
func NamespaceRules() Rules {
	return Rules{
		Create: create(validation.ValidateNamespace),
		Update: update(func(n, old *core.Namespace) field.ErrorList {
			return append(validation.ValidateNamespace(n), validation.ValidateNamespaceUpdate(n, old)...)
		}),
	}
}

// NamespaceStatusRules judge updates of namespaces/status.
func NamespaceStatusRules() Rules {
	return Rules{Update: update(validation.ValidateNamespaceStatusUpdate)}
}

// NamespaceFinalizeRules judge updates of namespaces/finalize.
func NamespaceFinalizeRules() Rules {
	return Rules{Update: update(validation.ValidateNamespaceFinalizeUpdate)}
}

// NodeRules judge nodes.
func NodeRules() Rules {
	return Rules{
		Create: create(validation.ValidateNode),
		Update: update(func(n, old *core.Node) field.ErrorList {
			return append(validation.ValidateNode(n), validation.ValidateNodeUpdate(n, old)...)
		}),
		WarnCreate: warn(func(_ context.Context, n *core.Node) []string { return warnNode(n) }),
		WarnUpdate: warnUpdate(func(_ context.Context, n, _ *core.Node) []string { return warnNode(n) }),
	}
}

func warnNode(n *core.Node) []string {
	var warnings []string
	//lint:ignore SA1019 upstream still warns of it
	if n.Spec.ConfigSource != nil {
		warnings = append(warnings, "spec.configSource: the feature is removed")
	}
	if n.Spec.DoNotUseExternalID != "" {
		warnings = append(warnings, "spec.externalID: this field is deprecated, and is unused by Kubernetes")
	}
	for i, cidr := range n.Spec.PodCIDRs {
		warnings = append(warnings, utilvalidation.GetWarningsForCIDR(field.NewPath("spec", "podCIDRs").Index(i), cidr)...)
	}
	return warnings
}

// NodeStatusRules judge updates of nodes/status.
func NodeStatusRules() Rules { return Rules{Update: update(validation.ValidateNodeUpdate)} }

// ServiceRules judge services.
func ServiceRules() Rules {
	return Rules{
		Create:     create(validation.ValidateServiceCreate),
		Update:     update(validation.ValidateServiceUpdate),
		WarnCreate: warn(func(_ context.Context, s *core.Service) []string { return serviceapi.GetWarningsForService(s, nil) }),
		WarnUpdate: warnUpdate(func(_ context.Context, s, old *core.Service) []string {
			return serviceapi.GetWarningsForService(s, old)
		}),
	}
}

// ServiceStatusRules judge updates of services/status.
func ServiceStatusRules() Rules {
	return Rules{Update: update(validation.ValidateServiceStatusUpdate)}
}

// ServiceClusterIPs judges only the fields that have to do with the cluster IPs
// of s, as the allocator asks before it gives one.
func ServiceClusterIPs(s, old runtime.Object) field.ErrorList {
	if old == nil {
		return create(func(s *core.Service) field.ErrorList {
			return validation.ValidateServiceClusterIPsRelatedFields(s, nil)
		})(context.Background(), s)
	}
	return update(validation.ValidateServiceClusterIPsRelatedFields)(context.Background(), s, old)
}

// EndpointsRules judge endpoints.
func EndpointsRules() Rules {
	return Rules{Create: create(validation.ValidateEndpointsCreate), Update: update(validation.ValidateEndpointsUpdate)}
}

// ConfigMapRules judge config maps.
func ConfigMapRules() Rules {
	return Rules{Create: create(validation.ValidateConfigMap), Update: update(validation.ValidateConfigMapUpdate)}
}

// SecretRules judge secrets.
func SecretRules() Rules {
	warnings := warn(func(_ context.Context, s *core.Secret) []string { return warnSecret(s) })
	return Rules{
		Create: create(validation.ValidateSecret), Update: update(validation.ValidateSecretUpdate),
		WarnCreate: warnings, WarnUpdate: warnAlways(warnings),
	}
}

func warnSecret(s *core.Secret) []string {
	if s.Type != core.SecretTypeTLS {
		return nil
	}
	if _, err := tls.X509KeyPair(s.Data[core.TLSCertKey], s.Data[core.TLSPrivateKeyKey]); err != nil {
		return []string{err.Error()}
	}
	return nil
}

// enforceMountableSecrets is an annotation of service accounts that is on its way out.
const enforceMountableSecrets = "kubernetes.io/enforce-mountable-secrets"

// ServiceAccountRules judge service accounts.
func ServiceAccountRules() Rules {
	return Rules{
		Create: create(validation.ValidateServiceAccount), Update: update(validation.ValidateServiceAccountUpdate),
		WarnCreate: warn(func(_ context.Context, a *core.ServiceAccount) []string { return warnAccount(a, nil) }),
		WarnUpdate: warnUpdate(func(_ context.Context, a, old *core.ServiceAccount) []string { return warnAccount(a, old) }),
	}
}

func warnAccount(a, old *core.ServiceAccount) []string {
	if old != nil {
		if _, ok := old.Annotations[enforceMountableSecrets]; ok {
			return nil
		}
	}
	if _, ok := a.Annotations[enforceMountableSecrets]; !ok {
		return nil
	}
	return []string{fmt.Sprintf("metadata.annotations[%s]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets", enforceMountableSecrets)}
}

// TokenRequestRules judge the body of serviceaccounts/token.
func TokenRequestRules() Rules {
	return Rules{Create: create(func(t *authentication.TokenRequest) field.ErrorList {
		return authenticationvalidation.ValidateTokenRequest(t)
	})}
}

// EventRules judge events of both groups: the rules differ by the version that
// the request in ctx was made in.
func EventRules() Rules {
	return Rules{
		Create: func(ctx context.Context, obj runtime.Object) field.ErrorList {
			return create(func(e *core.Event) field.ErrorList { return validation.ValidateEventCreate(e, asked(ctx)) })(ctx, obj)
		},
		Update: func(ctx context.Context, obj, old runtime.Object) field.ErrorList {
			return update(func(e, old *core.Event) field.ErrorList { return validation.ValidateEventUpdate(e, old, asked(ctx)) })(ctx, obj, old)
		},
	}
}

// asked is the group and version of the request.
func asked(ctx context.Context) schema.GroupVersion {
	if info, ok := genericapirequest.RequestInfoFrom(ctx); ok {
		return schema.GroupVersion{Group: info.APIGroup, Version: info.APIVersion}
	}
	return schema.GroupVersion{}
}
