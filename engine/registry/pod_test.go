package registry

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/registry/rest"
)

func bind(f *fixture, b *corev1.Binding) error {
	_, err := at[rest.NamedCreater](f, gvrOf(f.t, pod("")), "binding").Create(f.ctx, b.Name, b, rest.ValidateAllObjectFunc, &metav1.CreateOptions{})
	return err
}

func binding(pod, node string) *corev1.Binding {
	return &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: pod, Namespace: "default"}, Target: corev1.ObjectReference{Kind: "Node", Name: node}}
}

func TestBinding(t *testing.T) {
	f := newFixture(t)
	mustCreate(f, pod("p"))
	mustUpdate(f, "p", "status", func(p *corev1.Pod) { p.Status.NominatedNodeName = "old" })
	b := binding("p", "node-1")
	b.Annotations, b.Labels = map[string]string{"a": "b"}, map[string]string{"topology.kubernetes.io/zone": "z"}
	if err := bind(f, b); err != nil {
		t.Fatal(err)
	}
	p, _ := read[*corev1.Pod](f, "p")
	c := p.Status.Conditions[0]
	if p.Spec.NodeName != "node-1" || p.Annotations["a"] != "b" || p.Labels["topology.kubernetes.io/zone"] != "z" || p.Status.NominatedNodeName != "" ||
		c.Type != corev1.PodScheduled || c.Status != corev1.ConditionTrue || !c.LastTransitionTime.Time.Equal(epoch()) {
		t.Errorf("pod is %+v", p)
	}
}

func TestBindingRefused(t *testing.T) {
	f := newFixture(t)
	mustCreate(f, pod("free"))
	bound(f, "taken")
	going := pod("going")
	going.Finalizers = []string{"example.com/wait"}
	mustCreate(f, going)
	if _, _, err := remove[*corev1.Pod](f, "going", nil); err != nil {
		t.Fatal(err)
	}
	gated := pod("gated")
	gated.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "g"}}
	mustCreate(f, gated)
	stale := binding("free", "n")
	stale.UID = "old"
	tests := []struct {
		name string
		b    *corev1.Binding
		want string
	}{
		{"assigned", binding("taken", "n"), `Operation cannot be fulfilled on pods/binding "taken": pod taken is already assigned to node "node-1"`},
		{"deleted", binding("going", "n"), `Operation cannot be fulfilled on pods/binding "going": pod going is being deleted, cannot be assigned to a host`},
		{"gated", binding("gated", "n"), `Operation cannot be fulfilled on pods/binding "gated": pod gated has non-empty .spec.schedulingGates`},
		{"missing", binding("nobody", "n"), `pods "nobody" not found`},
		{"no node", binding("free", ""), `target.name: Required value`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantError(t, bind(f, tt.b), tt.want) })
	}
	if err := bind(f, stale); !apierrors.IsConflict(err) {
		t.Errorf("another pod of that name: %v", err)
	}
	old := at[rest.Creater](f, gvrOf(t, stale), "") // without /pods
	if _, err := old.Create(f.ctx, binding("free", "n"), rest.ValidateAllObjectFunc, &metav1.CreateOptions{}); err != nil {
		t.Error(err)
	}
	if p, _ := read[*corev1.Pod](f, "free"); p.Spec.NodeName != "n" {
		t.Errorf("node is %q", p.Spec.NodeName)
	}
}

func TestEviction(t *testing.T) {
	f := newFixture(t)
	bound(f, "p")
	evict := func(e *policyv1.Eviction, opts *metav1.CreateOptions) error {
		_, err := at[rest.NamedCreater](f, gvrOf(t, pod("")), "eviction").Create(f.ctx, "p", e, rest.ValidateAllObjectFunc, opts)
		return err
	}
	e := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "default"}}
	if err := evict(e, &metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
		t.Fatal(err)
	}
	if p, _ := read[*corev1.Pod](f, "p"); p.DeletionTimestamp != nil {
		t.Error("a dry run evicted it")
	}
	if err := evict(e, &metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := read[*corev1.Pod](f, "p")
	if err != nil {
		t.Fatal(err)
	}
	c := p.Status.Conditions[0]
	if p.DeletionTimestamp == nil || c.Type != corev1.DisruptionTarget || c.Reason != "EvictionByEvictionAPI" || c.Message != "Eviction API: evicting" {
		t.Errorf("pod is %+v", p)
	}
	e.Name = "other"
	wantError(t, evict(e, nil), "name in URL does not match name in Eviction object")
}
