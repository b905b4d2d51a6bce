package registry

// Upstream: pkg/registry/rbac/{escalation_check.go,validation/rule.go,*/policybased}

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/component-helpers/auth/rbac/validation"

	"kubergarten/engine/api"
)

// Escalation knows the rights of users, so that nobody gives away, in a role or
// a binding, what they do not have themselves.
type Escalation interface {
	authorizer.Authorizer
	// RulesFor returns what RBAC allows who in namespace. It may return both
	// rules and an error.
	RulesFor(ctx context.Context, who user.Info, namespace string) ([]rbacv1.PolicyRule, error)
}

// addRoles puts the guard before roles and bindings.
func (r *Registry) addRoles() {
	if r.cfg.Escalation == nil {
		return
	}
	for gr, s := range r.stores {
		if gr.Group == rbacv1.GroupName {
			r.served[place{s.resource.GVR(), ""}] = guardedREST{s, r.cfg.Escalation, r}
		}
	}
}

// guardedREST is a Store of roles or bindings behind the guard.
type guardedREST struct {
	*Store
	rights Escalation
	all    *Registry
}

// Create stores obj, if that gives nobody more than the user has.
func (g guardedREST) Create(ctx context.Context, obj runtime.Object, validate rest.ValidateObjectFunc, opts *metav1.CreateOptions) (runtime.Object, error) {
	if err := g.confirm(ctx, obj, nil); err != nil {
		return nil, err
	}
	return g.Store.Create(ctx, obj, validate, opts)
}

// Update changes the object, if that gives nobody more than the user has.
func (g guardedREST) Update(ctx context.Context, name string, info rest.UpdatedObjectInfo, validateCreate rest.ValidateObjectFunc, validate rest.ValidateObjectUpdateFunc, mayCreate bool, opts *metav1.UpdateOptions) (runtime.Object, bool, error) {
	guarded := rest.WrapUpdatedObjectInfo(info, func(ctx context.Context, obj, old runtime.Object) (runtime.Object, error) {
		return obj, g.confirm(ctx, obj, old)
	})
	return g.Store.Update(ctx, name, guarded, validateCreate, validate, mayCreate, opts)
}

// confirm returns nil, or that the user may not write obj. old is nil on create.
func (g guardedREST) confirm(ctx context.Context, obj, old runtime.Object) error {
	who, ok := genericapirequest.UserFrom(ctx)
	if ok && slices.Contains(who.GetGroups(), user.SystemPrivilegedGroup) {
		return nil
	}
	if old != nil && onlyCollected(obj, old) {
		return nil
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	var denied error
	switch o := obj.(type) {
	case *rbacv1.Role:
		denied = g.role(ctx, who, o.Rules, false)
	case *rbacv1.ClusterRole:
		was, _ := old.(*rbacv1.ClusterRole)
		denied = g.role(ctx, who, o.Rules, aggregates(o) || was != nil && aggregates(was))
	case *rbacv1.RoleBinding:
		denied, err = g.binding(ctx, who, o.RoleRef, genericapirequest.NamespaceValue(ctx))
	case *rbacv1.ClusterRoleBinding:
		denied, err = g.binding(ctx, who, o.RoleRef, "")
	}
	if denied != nil {
		return apierrors.NewForbidden(g.resource.GroupResource(), m.GetName(), denied)
	}
	return err
}

func aggregates(r *rbacv1.ClusterRole) bool {
	return r.AggregationRule != nil && len(r.AggregationRule.ClusterRoleSelectors) > 0
}

// role judges who writes a role with rules.
func (g guardedREST) role(ctx context.Context, who user.Info, rules []rbacv1.PolicyRule, aggregated bool) error {
	name := ""
	if info, ok := genericapirequest.RequestInfoFrom(ctx); ok {
		name = info.Name
	}
	if g.allows(ctx, who, "escalate", g.resource.Plural, name, g.namespace(ctx)) {
		return nil
	}
	if err := g.covered(ctx, who, rules); err != nil {
		return err
	}
	if aggregated && g.covered(ctx, who, fullAuthority()) != nil {
		return errors.New("must have cluster-admin privileges to use the aggregationRule")
	}
	return nil
}

func fullAuthority() []rbacv1.PolicyRule {
	all := []string{rbacv1.ResourceAll}
	return []rbacv1.PolicyRule{{Verbs: all, APIGroups: all, Resources: all}, {Verbs: all, NonResourceURLs: all}}
}

// binding judges who binds somebody to the role of ref in ns.
func (g guardedREST) binding(ctx context.Context, who user.Info, ref rbacv1.RoleRef, ns string) (denied, err error) {
	plural := map[string]string{"ClusterRole": "clusterroles", "Role": "roles"}[ref.Kind]
	if plural != "" && g.allows(ctx, who, "bind", plural, ref.Name, ns) {
		return nil, nil
	}
	rules, err := g.rulesOf(ctx, ref, ns)
	if err != nil {
		return nil, err
	}
	return g.covered(ctx, who, rules), nil
}

func (g guardedREST) allows(ctx context.Context, who user.Info, verb, plural, name, ns string) bool {
	d, _, _ := g.rights.Authorize(ctx, authorizer.AttributesRecord{
		User: who, Verb: verb, APIGroup: rbacv1.GroupName, APIVersion: "*", Resource: plural, Name: name, Namespace: ns, ResourceRequest: true,
	})
	return d == authorizer.DecisionAllow
}

// rulesOf returns the rules of the role that ref names.
func (g guardedREST) rulesOf(ctx context.Context, ref rbacv1.RoleRef, ns string) ([]rbacv1.PolicyRule, error) {
	roles := resources(rbacv1.GroupName)
	switch ref.Kind {
	case "Role":
		r, err := get[*rbacv1.Role](genericapirequest.WithNamespace(ctx, ns), g.all.stores[roles("roles")], ref.Name)
		if err != nil {
			return nil, err
		}
		return r.Rules, nil
	case "ClusterRole":
		r, err := get[*rbacv1.ClusterRole](ctx, g.all.stores[roles("clusterroles")], ref.Name)
		if err != nil {
			return nil, err
		}
		return r.Rules, nil
	}
	return nil, fmt.Errorf("unsupported role reference kind: %q", ref.Kind)
}

// covered returns nil if who has all of rules, else which ones are missing.
func (g guardedREST) covered(ctx context.Context, who user.Info, rules []rbacv1.PolicyRule) error {
	if who == nil {
		return errors.New("no user on context")
	}
	own, err := g.rights.RulesFor(ctx, who, genericapirequest.NamespaceValue(ctx))
	ok, missing := validation.Covers(own, rules)
	if ok {
		return nil
	}
	msg := fmt.Sprintf("user %q (groups=%q) is attempting to grant RBAC permissions not currently held:\n%s",
		who.GetName(), who.GetGroups(), strings.Join(api.DescribeRules(missing), "\n"))
	if err != nil {
		msg += fmt.Sprintf("; resolution errors: %v", []error{err})
	}
	return errors.New(msg)
}

// onlyCollected tells whether obj differs from old only in what the garbage
// collector writes.
func onlyCollected(obj, old runtime.Object) bool {
	c := obj.DeepCopyObject()
	m, err := meta.Accessor(c)
	if err != nil {
		return false
	}
	was, err := meta.Accessor(old)
	if err != nil || was.GetUID() == "" {
		return false // it is being created
	}
	m.SetOwnerReferences(was.GetOwnerReferences())
	m.SetFinalizers(was.GetFinalizers())
	m.SetManagedFields(was.GetManagedFields())
	return equal(c, old)
}
