package apiserver

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"kubergarten/engine/client"
)

var quiet = slog.New(slog.DiscardHandler)

func TestWhatEveryClusterStartsWith(t *testing.T) {
	c := newCluster(t, quiet)
	api := client.New(c.door, userNamed("alice"))
	ctx := t.Context()
	for _, name := range []string{"default", "kube-system", "kube-public", "kube-node-lease"} {
		if ns, err := client.For[*corev1.Namespace](api).Get(ctx, "", name); err != nil || ns.Status.Phase != corev1.NamespaceActive {
			t.Errorf("namespace %s: %v %v", name, ns, err)
		}
	}
	svc, err := client.For[*corev1.Service](api).Get(ctx, "default", "kubernetes")
	if err != nil || svc.Spec.ClusterIP != "10.96.0.1" || svc.Spec.Ports[0].Port != 443 {
		t.Errorf("service %+v: %v", svc, err)
	}
	slice, err := client.For[*discoveryv1.EndpointSlice](api).Get(ctx, "default", "kubernetes")
	if err != nil || slice.Endpoints[0].Addresses[0] != "172.18.0.2" || *slice.Ports[0].Port != 6443 {
		t.Errorf("slice %+v: %v", slice, err)
	}
	roles, err := client.For[*rbacv1.ClusterRole](api).List(ctx, "", metav1.ListOptions{})
	if err != nil || len(roles) < 60 {
		t.Errorf("%d cluster roles: %v", len(roles), err)
	}
	t.Run("the hooks change nothing when run again", func(t *testing.T) {
		before := newest(t, api)
		if err := c.start(ctx); err != nil {
			t.Fatal(err)
		}
		if after := newest(t, api); after != before {
			t.Errorf("resourceVersion went from %s to %s", before, after)
		}
	})
	t.Run("missing rules come back, extra ones stay", func(t *testing.T) {
		roles := client.For[*rbacv1.ClusterRole](api)
		view, _ := roles.Get(ctx, "", "system:basic-user")
		changed := view.DeepCopy()
		changed.Rules = []rbacv1.PolicyRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/frog"}}}
		if _, err := roles.Update(ctx, changed); err != nil {
			t.Fatal(err)
		}
		if err := c.bootstrapRoles(ctx, c.loopback()); err != nil {
			t.Fatal(err)
		}
		got, _ := roles.Get(ctx, "", "system:basic-user")
		if all := fmt.Sprint(got.Rules); !strings.Contains(all, "/frog") || !strings.Contains(all, "selfsubjectreviews") {
			t.Errorf("rules %s", all)
		}
	})
	for _, k := range c.keepers()[2:] {
		t.Run("its "+k.at.Resource+" keep their labels", func(t *testing.T) { keepsLabels(t, api, k) })
	}
	for _, k := range slices.Backward(c.keepers()[1:]) { // the Service last, for it takes the others along
		t.Run("its "+k.at.Resource+" come back", func(t *testing.T) { comesBack(t, api, k) })
	}
}

// keepsLabels takes away the labels of what k keeps, and waits until they are there again.
func keepsLabels(t *testing.T, api client.Interface, k keeper) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	at := k.at
	at.Name = k.name
	labels := func(obj runtime.Object, err error) (map[string]string, string) {
		m, ok := obj.(client.Object)
		if err != nil || !ok {
			t.Fatalf("%v: %v", obj, err)
		}
		return m.GetLabels(), m.GetResourceVersion()
	}
	was, _ := labels(api.Get(ctx, at, metav1.GetOptions{}))
	none, rv := labels(api.Patch(ctx, at, types.MergePatchType, []byte(`{"metadata":{"labels":null}}`), metav1.PatchOptions{}))
	if len(was) == 0 || len(none) != 0 {
		t.Fatalf("from %v to %v", was, none)
	}
	w, err := api.Watch(ctx, k.at, metav1.ListOptions{FieldSelector: "metadata.name=" + k.name, ResourceVersion: rv})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	for e := range w.ResultChan() {
		if obj, ok := e.Object.(client.Object); ok && maps.Equal(obj.GetLabels(), was) {
			return
		}
	}
	t.Error("they did not come back")
}

// comesBack deletes what k keeps, and waits until it is there again.
func comesBack(t *testing.T, api client.Interface, k keeper) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w, err := api.Watch(ctx, k.at, metav1.ListOptions{FieldSelector: "metadata.name=" + k.name})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	at := k.at
	at.Name = k.name
	if _, err := api.Delete(ctx, at, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	deleted := false
	for e := range w.ResultChan() {
		deleted = deleted || e.Type == watch.Deleted
		if deleted && e.Type == watch.Added {
			return
		}
	}
	t.Error("it did not")
}

func newest(t *testing.T, api client.Interface) string {
	t.Helper()
	list, err := api.List(t.Context(), client.Target{GroupVersionResource: namespaces()}, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return list.(*corev1.NamespaceList).ResourceVersion
}

func TestApplyOverTheRegistry(t *testing.T) {
	c := newCluster(t, quiet)
	api := client.New(c.door, userNamed("alice"))
	at := client.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("configmaps"), Namespace: "default", Name: "cm"}
	apply := func(manager, value string, force bool) (*corev1.ConfigMap, error) {
		data := `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cm"},"data":{"a":"` + value + `"}}`
		obj, err := api.Patch(t.Context(), at, types.ApplyYAMLPatchType, []byte(data), metav1.PatchOptions{FieldManager: manager, Force: &force})
		cm, _ := obj.(*corev1.ConfigMap)
		return cm, err
	}
	first, err := apply("one", "1", false)
	if err != nil {
		t.Fatal(err)
	}
	again, err := apply("one", "1", false)
	if err != nil || again.ResourceVersion != first.ResourceVersion {
		t.Errorf("no-op: %v %v", again, err)
	}
	if _, err := apply("two", "2", false); err == nil || err.Error() != `Apply failed with 1 conflict: conflict with "one": .data.a` {
		t.Errorf("conflict: %v", err)
	}
	if forced, err := apply("two", "2", true); err != nil || forced.Data["a"] != "2" {
		t.Errorf("force: %v %v", forced, err)
	}
}

func TestScaleAndStatus(t *testing.T) {
	c := newCluster(t, quiet)
	h := &harness{t: t, Server: c.Server}
	h.dial(c)
	deploys := "/apis/apps/v1/namespaces/default/deployments"
	body := `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}`
	h.call("POST", deploys, body).want(t, 201, "")
	a := h.call("PATCH", deploys+"/d/scale", `{"spec":{"replicas":3}}`, "Content-Type", "application/merge-patch+json").want(t, 200, "")
	if a.field(t, "kind") != "Scale" || a.field(t, "apiVersion") != "autoscaling/v1" || a.field(t, "spec", "replicas") != 3.0 {
		t.Errorf("scale: %s", a.body)
	}
	a = h.call("PATCH", deploys+"/d/status", `{"spec":{"replicas":9},"status":{"replicas":2}}`, "Content-Type", "application/merge-patch+json").want(t, 200, "")
	if a.field(t, "spec", "replicas") != 3.0 || a.field(t, "status", "replicas") != 2.0 {
		t.Errorf("status: %s", a.body)
	}
	h.call("POST", deploys, `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"D"}}`).want(t, 422, "")
}

func TestStopEndsWatches(t *testing.T) {
	c := newCluster(t, quiet) // its cleanup waits for Run, and Run for the watch
	h := &harness{t: t, Server: c.Server}
	h.dial(c)
	r, _ := http.NewRequestWithContext(context.Background(), "GET", h.http.URL+"/api/v1/namespaces?watch=1", nil)
	r.Header.Set("Authorization", "Bearer alice")
	resp, err := h.client.Do(r)
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	t.Cleanup(func() { resp.Body.Close() })
}
