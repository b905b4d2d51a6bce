package auth

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// Allows is allows, for tests.
func (*Auth) Allows(rule *rbacv1.PolicyRule, a authorizer.Attributes) bool { return allows(rule, a) }
