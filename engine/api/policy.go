package api

// Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	rbacv1helpers "k8s.io/kubernetes/pkg/apis/rbac/v1"
	rbacvalidation "k8s.io/kubernetes/pkg/registry/rbac/validation"
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

// DescribeRules returns one line for each of rules, as few as can be, in the
// words of upstream's refusals.
func DescribeRules(rules []rbacv1.PolicyRule) []string {
	if compact, err := rbacvalidation.CompactRules(rules); err == nil {
		rules = compact
	}
	lines := sets.New[string]()
	for _, r := range rules {
		lines.Insert(rbacv1helpers.CompactString(r))
	}
	return sets.List(lines)
}
