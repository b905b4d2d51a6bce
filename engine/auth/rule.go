package auth

// Upstream: pkg/apis/rbac/v1/evaluation_helpers.go

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// allows reports whether rule allows a.
func allows(rule *rbacv1.PolicyRule, a authorizer.Attributes) bool {
	if !oneOf(rule.Verbs, rbacv1.VerbAll, a.GetVerb()) {
		return false
	}
	if !a.IsResourceRequest() {
		return slices.ContainsFunc(rule.NonResourceURLs, func(url string) bool { return urlMatches(url, a.GetPath()) })
	}
	return oneOf(rule.APIGroups, rbacv1.APIGroupAll, a.GetAPIGroup()) &&
		resourceMatches(rule.Resources, a.GetResource(), a.GetSubresource()) &&
		(len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, a.GetName()))
}

func oneOf(list []string, all, want string) bool {
	return slices.Contains(list, all) || slices.Contains(list, want)
}

// resourceMatches reports whether list has the resource; "*/scale" is the
// subresource of all resources.
func resourceMatches(list []string, resource, sub string) bool {
	if sub == "" {
		return oneOf(list, rbacv1.ResourceAll, resource)
	}
	return oneOf(list, rbacv1.ResourceAll, resource+"/"+sub) || slices.Contains(list, "*/"+sub)
}

func urlMatches(rule, url string) bool {
	return rule == rbacv1.NonResourceAll || rule == url ||
		strings.HasSuffix(rule, "*") && strings.HasPrefix(url, strings.TrimRight(rule, "*"))
}
