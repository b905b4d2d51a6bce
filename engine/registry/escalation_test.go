package registry

import (
	"context"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
)

// rights allows the verbs it lists, and knows who has which rules.
type rights struct {
	rules []rbacv1.PolicyRule
	verbs map[string]bool
}

func (r *rights) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	if r.verbs[a.GetVerb()] {
		return authorizer.DecisionAllow, "", nil
	}
	return authorizer.DecisionNoOpinion, "", nil
}

func (r *rights) RulesFor(context.Context, user.Info, string) ([]rbacv1.PolicyRule, error) {
	return r.rules, nil
}

func may(verbs ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: verbs, APIGroups: []string{""}, Resources: []string{"pods"}}
}

func TestEscalation(t *testing.T) {
	mine := &rights{rules: []rbacv1.PolicyRule{may("get", "list")}}
	f := newFixture(t, func(c *Config) { c.Escalation = mine })
	asUser := func(groups ...string) {
		f.ctx = genericapirequest.WithUser(f.ctx, &user.DefaultInfo{Name: "eve", Groups: groups})
	}
	role := func(name string, rules ...rbacv1.PolicyRule) *rbacv1.ClusterRole {
		return &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	}
	binding := func(name, role string) *rbacv1.RoleBinding {
		return &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects:   []rbacv1.Subject{{Kind: "User", Name: "eve", APIGroup: rbacv1.GroupName}},
		}
	}
	asUser("system:masters")
	mustCreate(f, role("strong", may("*")))

	asUser("students")
	mustCreate(f, role("weak", may("get")))
	_, err := create(f, role("own", may("get", "delete")))
	wantError(t, err, `clusterroles.rbac.authorization.k8s.io "own" is forbidden: user "eve" (groups=["students"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}`)
	_, err = update(f, "weak", "", func(r *rbacv1.ClusterRole) { r.Rules = []rbacv1.PolicyRule{may("*")} })
	wantError(t, err, `clusterroles.rbac.authorization.k8s.io "weak" is forbidden: user "eve" (groups=["students"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["pods"], Verbs:["*"]}`)
	mustCreate(f, binding("fine", "weak"))
	_, err = create(f, binding("grab", "strong"))
	wantError(t, err, `rolebindings.rbac.authorization.k8s.io "grab" is forbidden: user "eve" (groups=["students"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["pods"], Verbs:["*"]}`)
	_, err = create(f, binding("none", "nobody"))
	wantError(t, err, `clusterroles.rbac.authorization.k8s.io "nobody" not found`)
	agg := role("agg")
	agg.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"a": "b"}}}}
	_, err = create(f, agg)
	wantError(t, err, `clusterroles.rbac.authorization.k8s.io "agg" is forbidden: must have cluster-admin privileges to use the aggregationRule`)

	mustUpdate(f, "fine", "", func(b *rbacv1.RoleBinding) { b.Finalizers = []string{"a.b/c"} })
	mine.verbs = map[string]bool{"bind": true}
	mustCreate(f, binding("may", "strong"))
	mine.verbs = map[string]bool{"escalate": true}
	mustCreate(f, role("own", may("delete")))
}
