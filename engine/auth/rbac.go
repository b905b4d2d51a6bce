package auth

// Upstream: plugin/pkg/auth/authorizer/rbac/rbac.go, pkg/registry/rbac/validation/rule.go

import (
	"context"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"

	"kubergarten/engine/client"
)

// bySubject is the name of the index that finds bindings by whom they bind.
const bySubject = "subject"

// RBAC allows what the rules of roles say that are bound to the user.
type RBAC struct {
	roles           client.Informer[*rbacv1.Role]
	bindings        client.Informer[*rbacv1.RoleBinding]
	clusterRoles    client.Informer[*rbacv1.ClusterRole]
	clusterBindings client.Informer[*rbacv1.ClusterRoleBinding]
}

var _ authorizer.Authorizer = (*RBAC)(nil)

// NewRBAC returns an RBAC that goes by the objects of informers.
func NewRBAC(informers *client.Informers) (*RBAC, error) {
	var all metav1.ListOptions
	r := &RBAC{
		roles:           client.InformerFor[*rbacv1.Role](informers, all),
		bindings:        client.InformerFor[*rbacv1.RoleBinding](informers, all),
		clusterRoles:    client.InformerFor[*rbacv1.ClusterRole](informers, all),
		clusterBindings: client.InformerFor[*rbacv1.ClusterRoleBinding](informers, all),
	}
	err := r.clusterBindings.AddIndex(bySubject, func(b *rbacv1.ClusterRoleBinding) []string { return subjectKeys("", b.Subjects) })
	if err == nil {
		err = r.bindings.AddIndex(bySubject, func(b *rbacv1.RoleBinding) []string { return subjectKeys(b.Namespace, b.Subjects) })
	}
	if err != nil {
		return nil, fmt.Errorf("rbac: %w", err)
	}
	return r, nil
}

// Authorize implements authorizer.Authorizer.
func (r *RBAC) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	reason := ""
	var errs []error
	r.visit(a.GetUser(), a.GetNamespace(), func(by grant, rules []rbacv1.PolicyRule, err error) bool {
		if err != nil {
			errs = append(errs, err)
		}
		if slices.ContainsFunc(rules, func(rule rbacv1.PolicyRule) bool { return allows(&rule, a) }) {
			reason = "RBAC: allowed by " + by.String()
		}
		return reason == ""
	})
	switch {
	case reason != "":
		return authorizer.DecisionAllow, reason, nil
	case len(errs) > 0:
		return authorizer.DecisionNoOpinion, fmt.Sprintf("RBAC: %v", utilerrors.NewAggregate(errs)), nil
	}
	return authorizer.DecisionNoOpinion, "", nil
}

// RulesFor returns all rules that apply to who in namespace, and what kept it from
// finding more.
func (r *RBAC) RulesFor(_ context.Context, who user.Info, namespace string) (all []rbacv1.PolicyRule, err error) {
	var errs []error
	r.visit(who, namespace, func(_ grant, rules []rbacv1.PolicyRule, err error) bool {
		all = append(all, rules...)
		if err != nil {
			errs = append(errs, err)
		}
		return true
	})
	return all, utilerrors.NewAggregate(errs)
}

// visit calls next for each binding of who, cluster-wide or in namespace, with the
// rules it gives, until next returns false.
func (r *RBAC) visit(who user.Info, namespace string, next func(by grant, rules []rbacv1.PolicyRule, err error) bool) {
	if who == nil {
		return
	}
	for _, key := range userKeys(who) {
		for _, b := range r.clusterBindings.Indexed(bySubject, key) {
			rules, err := r.rules(b.RoleRef, "")
			if !next(grant{"ClusterRoleBinding", b.Name, "", b.RoleRef, subjectOf(b.Subjects, "", key)}, rules, err) {
				return
			}
		}
		if namespace == "" {
			continue
		}
		for _, b := range r.bindings.Indexed(bySubject, namespace+"|"+key) {
			rules, err := r.rules(b.RoleRef, namespace)
			if !next(grant{"RoleBinding", b.Name, b.Namespace, b.RoleRef, subjectOf(b.Subjects, b.Namespace, key)}, rules, err) {
				return
			}
		}
	}
}

// rules returns what the role of ref allows.
func (r *RBAC) rules(ref rbacv1.RoleRef, namespace string) ([]rbacv1.PolicyRule, error) {
	switch ref.Kind {
	case "Role":
		if role, ok := r.roles.Get(namespace, ref.Name); ok {
			return role.Rules, nil
		}
		return nil, errors.NewNotFound(rbacv1.Resource("roles"), ref.Name)
	case "ClusterRole":
		if role, ok := r.clusterRoles.Get("", ref.Name); ok {
			return role.Rules, nil
		}
		return nil, errors.NewNotFound(rbacv1.Resource("clusterroles"), ref.Name)
	}
	return nil, fmt.Errorf("unsupported role reference kind: %q", ref.Kind)
}

// userKeys are the keys under which the bindings of who are found.
func userKeys(who user.Info) []string {
	keys := make([]string, 0, 1+len(who.GetGroups()))
	keys = append(keys, "User:"+who.GetName())
	for _, g := range who.GetGroups() {
		keys = append(keys, "Group:"+g)
	}
	return keys
}

// subjectKeys are the keys of whom a binding in namespace binds.
func subjectKeys(namespace string, subjects []rbacv1.Subject) (keys []string) {
	for _, s := range subjects {
		if key := subjectKey(namespace, s); key != "" && namespace != "" {
			keys = append(keys, namespace+"|"+key)
		} else if key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// subjectKey is the key of one subject; a service account is a user too.
func subjectKey(namespace string, s rbacv1.Subject) string {
	switch s.Kind {
	case rbacv1.UserKind, rbacv1.GroupKind:
		return s.Kind + ":" + s.Name
	case rbacv1.ServiceAccountKind:
		if s.Namespace != "" {
			namespace = s.Namespace
		}
		if namespace != "" {
			return "User:" + serviceaccount.MakeUsername(namespace, s.Name)
		}
	}
	return ""
}

func subjectOf(subjects []rbacv1.Subject, namespace, key string) rbacv1.Subject {
	i := slices.IndexFunc(subjects, func(s rbacv1.Subject) bool { return subjectKey(namespace, s) == key })
	if i < 0 {
		return rbacv1.Subject{}
	}
	return subjects[i]
}

// A grant is a binding, for a reason to be told.
type grant struct {
	kind, name, namespace string
	role                  rbacv1.RoleRef
	subject               rbacv1.Subject
}

// String is in upstream's words, which put the name before the namespace.
func (g grant) String() string {
	name := g.name
	if g.namespace != "" {
		name += "/" + g.namespace
	}
	return fmt.Sprintf("%s %q of %s %q to %s", g.kind, name, g.role.Kind, g.role.Name, describeSubject(g.subject, g.namespace))
}

func describeSubject(s rbacv1.Subject, namespace string) string {
	if s.Kind != rbacv1.ServiceAccountKind {
		return fmt.Sprintf("%s %q", s.Kind, s.Name)
	}
	if s.Namespace != "" {
		namespace = s.Namespace
	}
	return fmt.Sprintf("%s %q", s.Kind, s.Name+"/"+namespace)
}

// resolver is RBAC as authorizer.RuleResolver.
type resolver struct{ rbac *RBAC }

var _ authorizer.RuleResolver = resolver{}

// RulesFor implements authorizer.RuleResolver.
func (r resolver) RulesFor(ctx context.Context, who user.Info, namespace string) ([]authorizer.ResourceRuleInfo, []authorizer.NonResourceRuleInfo, bool, error) {
	if _, isNode := nodeName(who); isNode {
		return nil, nil, true, fmt.Errorf("node authorizer does not support user rule resolution")
	}
	var on []authorizer.ResourceRuleInfo
	var off []authorizer.NonResourceRuleInfo
	rules, err := r.rbac.RulesFor(ctx, who, namespace)
	for _, p := range rules {
		if len(p.Resources) > 0 {
			on = append(on, &authorizer.DefaultResourceRuleInfo{Verbs: p.Verbs, APIGroups: p.APIGroups, Resources: p.Resources, ResourceNames: p.ResourceNames})
		}
		if len(p.NonResourceURLs) > 0 {
			off = append(off, &authorizer.DefaultNonResourceRuleInfo{Verbs: p.Verbs, NonResourceURLs: p.NonResourceURLs})
		}
	}
	return on, off, false, err
}
