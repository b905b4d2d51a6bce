package clusterroleaggregation

// Upstream: pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// Name is the controller's name.
const Name = "clusterrole-aggregation-controller"

// Controller keeps aggregated roles up to date.
type Controller struct {
	*controller.Loop
	roles client.Informer[*rbacv1.ClusterRole]
	api   client.Interface
}

// New returns the controller.
func New(cc controller.Context) (*Controller, error) {
	c := &Controller{roles: client.InformerFor[*rbacv1.ClusterRole](cc.Informers, metav1.ListOptions{}), api: cc.Client}
	c.Loop = controller.NewLoop(Name, cc, 5, c.sync)
	return c, controller.On(c.Loop, c.roles, func(*rbacv1.ClusterRole) { c.enqueueAll() })
}

func (c *Controller) enqueueAll() {
	for _, role := range c.roles.List("", nil) {
		if role.AggregationRule != nil {
			c.Enqueue(role)
		}
	}
}

func (c *Controller) sync(ctx context.Context, name string) error {
	role, ok := c.roles.Get("", name)
	if !ok || role.AggregationRule == nil {
		return nil
	}
	rules, err := gather(role, c.roles.List)
	if err != nil || equality.Semantic.DeepEqual(rules, role.Rules) {
		return err
	}
	return c.apply(ctx, name, rules)
}

// lister lists the roles that a selector admits.
type lister func(ns string, sel labels.Selector) []*rbacv1.ClusterRole

// gather returns the rules of all roles that role selects, each once.
func gather(role *rbacv1.ClusterRole, list lister) (rules []rbacv1.PolicyRule, err error) {
	for i := range role.AggregationRule.ClusterRoleSelectors {
		sel, err := metav1.LabelSelectorAsSelector(&role.AggregationRule.ClusterRoleSelectors[i])
		if err != nil {
			return nil, fmt.Errorf("aggregate %s: %w", role.Name, err)
		}
		from := list("", sel)
		slices.SortFunc(from, func(a, b *rbacv1.ClusterRole) int { return strings.Compare(a.Name, b.Name) })
		for _, other := range from {
			if other.Name != role.Name {
				rules = appendNew(rules, other.Rules)
			}
		}
	}
	return rules, nil
}

func appendNew(rules, more []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	for _, r := range more {
		if !slices.ContainsFunc(rules, func(has rbacv1.PolicyRule) bool { return equality.Semantic.DeepEqual(has, r) }) {
			rules = append(rules, r)
		}
	}
	return rules
}

// apply makes rules the rules of the role, and the controller their manager.
func (c *Controller) apply(ctx context.Context, name string, rules []rbacv1.PolicyRule) error {
	data, err := json.Marshal(map[string]any{
		"apiVersion": rbacv1.SchemeGroupVersion.String(), "kind": "ClusterRole",
		"metadata": map[string]string{"name": name}, "rules": rules,
	})
	if err != nil {
		return err
	}
	at := client.Target{GroupVersionResource: client.ResourceOf[*rbacv1.ClusterRole](), Name: name}
	_, err = c.api.Patch(ctx, at, types.ApplyYAMLPatchType, data, metav1.PatchOptions{FieldManager: Name, Force: ptr.To(true)})
	if err != nil {
		return fmt.Errorf("apply cluster role %s: %w", name, err)
	}
	return nil
}
