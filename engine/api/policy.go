package api

import rbacv1 "k8s.io/api/rbac/v1"

// A Policy is the RBAC objects that upstream creates at start.
type Policy struct {
	ClusterRoles        []rbacv1.ClusterRole
	ClusterRoleBindings []rbacv1.ClusterRoleBinding
	Roles               []rbacv1.Role        // with namespace
	RoleBindings        []rbacv1.RoleBinding // with namespace
	// Aggregated maps a role of old clusters to the one that it becomes.
	Aggregated map[string]string
}

// BootstrapPolicy returns upstream's default RBAC policy.
func BootstrapPolicy() Policy { return Policy{} }
