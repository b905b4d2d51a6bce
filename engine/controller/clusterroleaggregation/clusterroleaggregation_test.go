package clusterroleaggregation_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/clock"
	"kubergarten/engine/controller"
	"kubergarten/engine/controller/clusterroleaggregation"
)

func rules(verbs ...string) (out []rbacv1.PolicyRule) {
	for _, v := range verbs {
		out = append(out, rbacv1.PolicyRule{Verbs: []string{v}, APIGroups: []string{""}, Resources: []string{"pods"}})
	}
	return out
}

func role(name, label string, verbs ...string) *rbacv1.ClusterRole {
	return &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"to": label}}, Rules: rules(verbs...)}
}

func TestAggregation(t *testing.T) {
	view := &rbacv1.ClusterRole{
		ObjectMeta:      metav1.ObjectMeta{Name: "view"},
		AggregationRule: &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"to": "view"}}}},
	}
	api := clienttest.New(view, role("b", "view", "list", "get"), role("a", "view", "get"), role("c", "edit", "delete"))
	informers := client.NewInformers(api)
	c, err := clusterroleaggregation.New(controller.Context{Client: api, Informers: informers, Clock: clock.New(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range []func(context.Context) error{informers.Run, c.Run} {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- run(ctx) }()
		t.Cleanup(func() { cancel(); <-done })
	}
	await(t, api, "get", "list")
	api.Add(role("d", "view", "watch"))
	await(t, api, "get", "list", "watch")
}

// await waits until the role view has the rules of verbs.
func await(t *testing.T, api client.Interface, verbs ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w, err := client.For[*rbacv1.ClusterRole](api).Watch(ctx, "", metav1.ListOptions{FieldSelector: "metadata.name=view"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	diff := ""
	for e := range w.ResultChan() {
		if r, ok := e.Object.(*rbacv1.ClusterRole); ok {
			if diff = cmp.Diff(rules(verbs...), r.Rules); diff == "" {
				return
			}
		}
	}
	t.Fatalf("the role never got its rules: %s", diff)
}
