package apiserver

// Upstream: pkg/registry/rbac/rest/storage_rbac.go and
// k8s.io/component-helpers/auth/rbac/reconciliation

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"
	rbacv1 "k8s.io/api/rbac/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-helpers/auth/rbac/validation"

	"kubergarten/engine/api"
	"kubergarten/engine/client"
)

// bootstrapRoles creates upstream's roles and bindings, and adds to those that
// are there what they lack. Many at once, so that the store commits in groups.
func (s *Server) bootstrapRoles(ctx context.Context, c client.Interface) error {
	p := api.BootstrapPolicy()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(32)
	for i := range p.ClusterRoles {
		g.Go(func() error { return reconcile(ctx, c, &p.ClusterRoles[i], addToClusterRole) })
	}
	for i := range p.ClusterRoleBindings {
		g.Go(func() error { return reconcile(ctx, c, &p.ClusterRoleBindings[i], addToClusterRoleBinding) })
	}
	for ns, roles := range p.Roles {
		for i := range roles {
			roles[i].Namespace = ns
			g.Go(func() error { return reconcile(ctx, c, &roles[i], addToRole) })
		}
	}
	for ns, bindings := range p.RoleBindings {
		for i := range bindings {
			bindings[i].Namespace = ns
			g.Go(func() error { return reconcile(ctx, c, &bindings[i], addToRoleBinding) })
		}
	}
	return g.Wait()
}

// reconcile creates want, or lets add complete a copy of what is there. Who
// annotates an object with rbac.authorization.kubernetes.io/autoupdate=false
// keeps it as it is.
func reconcile[T client.Object](ctx context.Context, c client.Interface, want T, add func(live, want T)) error {
	of := client.For[T](c)
	live, err := of.Get(ctx, want.GetNamespace(), want.GetName())
	switch {
	case apierrors.IsNotFound(err):
		_, err = of.Create(ctx, want)
	case err == nil && live.GetAnnotations()[rbacv1.AutoUpdateAnnotationKey] != "false":
		err = bringUp(ctx, of, live, want, add)
	}
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("unable to reconcile %T %s: %w", want, want.GetName(), err)
	}
	return nil
}

func bringUp[T client.Object](ctx context.Context, of client.Of[T], live, want T, add func(live, want T)) error {
	next := live.DeepCopyObject().(T)
	next.SetLabels(merged(want.GetLabels(), next.GetLabels()))
	next.SetAnnotations(merged(want.GetAnnotations(), next.GetAnnotations()))
	add(next, want)
	if apiequality.Semantic.DeepEqual(live, next) {
		return nil
	}
	_, err := of.Update(ctx, next)
	return err
}

func merged(want, live map[string]string) map[string]string {
	if len(want) == 0 {
		return live
	}
	out := maps.Clone(want)
	maps.Copy(out, live)
	return out
}

// missingRules are those of want that have does not cover.
func missingRules(have, want []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	_, missing := validation.Covers(have, want)
	return missing
}

func addToRole(live, want *rbacv1.Role) {
	live.Rules = append(live.Rules, missingRules(live.Rules, want.Rules)...)
}

func addToClusterRole(live, want *rbacv1.ClusterRole) {
	live.Rules = append(live.Rules, missingRules(live.Rules, want.Rules)...)
	if want.AggregationRule == nil {
		live.AggregationRule = nil
		return
	}
	if live.AggregationRule == nil {
		live.AggregationRule = &rbacv1.AggregationRule{}
	}
	for _, sel := range want.AggregationRule.ClusterRoleSelectors {
		have := live.AggregationRule.ClusterRoleSelectors
		if !slices.ContainsFunc(have, func(h metav1.LabelSelector) bool { return apiequality.Semantic.DeepEqual(h, sel) }) {
			live.AggregationRule.ClusterRoleSelectors = append(have, sel)
		}
	}
}

func addToRoleBinding(live, want *rbacv1.RoleBinding) {
	live.Subjects = addSubjects(live.Subjects, want.Subjects)
}

func addToClusterRoleBinding(live, want *rbacv1.ClusterRoleBinding) {
	live.Subjects = addSubjects(live.Subjects, want.Subjects)
}

func addSubjects(have, want []rbacv1.Subject) []rbacv1.Subject {
	for _, s := range want {
		if !slices.Contains(have, s) {
			have = append(have, s)
		}
	}
	return have
}
