package registry

// Upstream: pkg/registry/rbac/*/strategy.go

import (
	"kubergarten/engine/api"
)

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
