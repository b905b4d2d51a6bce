package clienttest

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"kubergarten/engine/client"
)

func pod(name, node string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Spec: corev1.PodSpec{NodeName: node}}
}

func next(t *testing.T, w watch.Interface) watch.Event {
	t.Helper()
	select {
	case e := <-w.ResultChan():
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event")
	}
	return watch.Event{}
}

func TestFieldSelectorWatchSeesBinding(t *testing.T) {
	a := New(pod("a", ""))
	ctx := t.Context()
	pods := client.For[*corev1.Pod](a)
	yes := true
	w, err := pods.Watch(ctx, "", metav1.ListOptions{FieldSelector: "spec.nodeName=n1", SendInitialEvents: &yes, AllowWatchBookmarks: true})
	if err != nil {
		t.Fatal(err)
	}
	if e := next(t, w); e.Type != watch.Bookmark {
		t.Fatalf("first event %v, want a bookmark", e)
	}
	at := client.Target{GroupVersionResource: client.ResourceOf[*corev1.Pod](), Namespace: "default", Name: "a", Subresource: "binding"}
	if _, err := a.Create(ctx, at, &corev1.Binding{Target: corev1.ObjectReference{Name: "n1"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if e := next(t, w); e.Type != watch.Added {
		t.Errorf("got %v, want ADDED", e.Type)
	}
}

func TestGracefulDeletion(t *testing.T) {
	a := New(pod("a", "n1"), pod("b", ""))
	pods := client.For[*corev1.Pod](a)
	for _, name := range []string{"a", "b"} {
		if err := pods.Delete(t.Context(), "default", name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	p, err := pods.Get(t.Context(), "default", "a")
	if err != nil || p.DeletionTimestamp == nil || *p.DeletionGracePeriodSeconds != 30 {
		t.Errorf("bound pod: %v, %v, want it terminating", p, err)
	}
	if _, err := pods.Get(t.Context(), "default", "b"); !apierrors.IsNotFound(err) {
		t.Errorf("unbound pod: %v, want not found", err)
	}
	zero := int64(0)
	_ = pods.Delete(t.Context(), "default", "a", metav1.DeleteOptions{GracePeriodSeconds: &zero})
	if _, err := pods.Get(t.Context(), "default", "a"); !apierrors.IsNotFound(err) {
		t.Errorf("after grace 0: %v, want not found", err)
	}
}

func TestStatusPatchLeavesSpec(t *testing.T) {
	a := New(pod("a", "n1"))
	pods := client.For[*corev1.Pod](a)
	p, err := pods.Patch(t.Context(), "default", "a", types.StrategicMergePatchType, []byte(`{"spec":{"nodeName":"x"},"status":{"phase":"Running"}}`), "status")
	if err != nil {
		t.Fatal(err)
	}
	if p.Status.Phase != corev1.PodRunning || p.Spec.NodeName != "n1" || p.Generation != 1 {
		t.Errorf("got %v, node %q, generation %d", p.Status.Phase, p.Spec.NodeName, p.Generation)
	}
}

func TestConflict(t *testing.T) {
	a := New(pod("a", "n1"))
	pods := client.For[*corev1.Pod](a)
	p, _ := pods.Get(t.Context(), "default", "a")
	p = p.DeepCopy()
	p.Labels = map[string]string{"x": "y"}
	if _, err := pods.Update(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	p.Labels["x"] = "z"
	if _, err := pods.Update(t.Context(), p); !apierrors.IsConflict(err) {
		t.Errorf("stale update: %v, want a conflict", err)
	}
}

func TestInformer(t *testing.T) {
	a := New(pod("a", "n1"))
	inf := client.NewInformers(a)
	pods := client.InformerFor[*corev1.Pod](inf, metav1.ListOptions{})
	ctx := t.Context()
	go func() { _ = inf.Run(ctx) }()
	if err := inf.Synced(ctx); err != nil {
		t.Fatal(err)
	}
	seen := make(chan string, 10)
	if _, err := pods.OnChange(client.Handler[*corev1.Pod]{Add: func(p *corev1.Pod) { seen <- p.Name }}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.For[*corev1.Pod](a).Create(ctx, pod("b", "")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a", "b"} {
		if got := <-seen; got != want {
			t.Errorf("saw %s, want %s", got, want)
		}
	}
}
