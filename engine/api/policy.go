package api

// Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
)

// A Policy is the RBAC objects that kube-apiserver creates at start, or adds
// missing rules and subjects to.
type Policy struct {
	ClusterRoles        []rbacv1.ClusterRole
	ClusterRoleBindings []rbacv1.ClusterRoleBinding
	Roles               map[string][]rbacv1.Role        // by namespace
	RoleBindings        map[string][]rbacv1.RoleBinding // by namespace
	// Aggregated maps a role of old clusters to the role whose rules it held:
	// admin to system:aggregate-to-admin, and so on.
	Aggregated map[string]string
}

// BootstrapPolicy returns upstream's default RBAC policy. The caller may change it.
func BootstrapPolicy() Policy {
	return Policy{
		ClusterRoles:        append(bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles()...),
		ClusterRoleBindings: append(bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings()...),
		Roles:               bootstrappolicy.NamespaceRoles(),
		RoleBindings:        bootstrappolicy.NamespaceRoleBindings(),
		Aggregated:          bootstrappolicy.ClusterRolesToAggregate(),
	}
}
