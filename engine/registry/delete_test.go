package registry

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/utils/ptr"
)

// bound stores a pod that runs on a node.
func bound(f *fixture, name string) *corev1.Pod {
	p := pod(name)
	p.Spec.NodeName = "node-1"
	return mustCreate(f, p)
}

func TestPodGrace(t *testing.T) {
	tests := []struct {
		name  string
		phase corev1.PodPhase
		node  string
		spec  *int64
		opts  *int64
		want  int64 // grace; 0: gone at once
	}{
		{name: "its own", node: "n", spec: ptr.To[int64](5), want: 5},
		{name: "default", node: "n", want: 30},
		{name: "client's", node: "n", opts: ptr.To[int64](7), want: 7},
		{name: "force", node: "n", opts: ptr.To[int64](0)},
		{name: "negative", node: "n", opts: ptr.To[int64](-3), want: 1},
		{name: "not scheduled", want: 0},
		{name: "succeeded", node: "n", phase: corev1.PodSucceeded},
		{name: "failed", node: "n", phase: corev1.PodFailed},
		{name: "running", node: "n", phase: corev1.PodRunning, want: 30},
	}
	f := newFixture(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := pod("p")
			p.Spec.NodeName, p.Spec.TerminationGracePeriodSeconds = tt.node, tt.spec
			mustCreate(f, p)
			if tt.phase != "" {
				mustUpdate(f, "p", "status", func(p *corev1.Pod) { p.Status.Phase = tt.phase })
			}
			out, gone, err := remove[*corev1.Pod](f, "p", &metav1.DeleteOptions{GracePeriodSeconds: tt.opts})
			if err != nil {
				t.Fatal(err)
			}
			if gone != (tt.want == 0) {
				t.Errorf("gone is %t", gone)
			}
			got := out.(*corev1.Pod)
			if *got.DeletionGracePeriodSeconds != tt.want || !got.DeletionTimestamp.Time.Equal(epoch().Add(seconds(tt.want))) {
				t.Errorf("grace is %d until %v", *got.DeletionGracePeriodSeconds, got.DeletionTimestamp)
			}
			if !gone && got.Generation != 2 {
				t.Errorf("generation is %d", got.Generation)
			}
			_, _, _ = remove[*corev1.Pod](f, "p", metav1.NewDeleteOptions(0))
		})
	}
}

// TestPodDeletionLifecycle is a pod's end as kubectl and the kubelet see it.
func TestPodDeletionLifecycle(t *testing.T) {
	f := newFixture(t)
	bound(f, "p")
	del := func(grace *int64) (*corev1.Pod, bool) {
		t.Helper()
		out, gone, err := remove[*corev1.Pod](f, "p", &metav1.DeleteOptions{GracePeriodSeconds: grace})
		if err != nil {
			t.Fatal(err)
		}
		return out.(*corev1.Pod), gone
	}
	first, _ := del(nil)
	f.clock.Step(10 * time.Second)
	if again, gone := del(nil); gone || again.ResourceVersion != first.ResourceVersion {
		t.Errorf("a second deletion wrote: %v", again.ObjectMeta)
	}
	if longer, _ := del(ptr.To[int64](60)); *longer.DeletionGracePeriodSeconds != 30 {
		t.Errorf("grace grew to %d", *longer.DeletionGracePeriodSeconds)
	}
	shorter, gone := del(ptr.To[int64](15))
	if gone || *shorter.DeletionGracePeriodSeconds != 15 || !shorter.DeletionTimestamp.Time.Equal(epoch().Add(15*time.Second)) {
		t.Errorf("shortened to %d until %v", *shorter.DeletionGracePeriodSeconds, shorter.DeletionTimestamp)
	}
	if late, _ := del(ptr.To[int64](2)); *late.DeletionGracePeriodSeconds != 1 || !late.DeletionTimestamp.Time.Equal(epoch().Add(10*time.Second)) {
		t.Errorf("into the past: %d until %v", *late.DeletionGracePeriodSeconds, late.DeletionTimestamp)
	}
	if mustUpdate(f, "p", "status", func(p *corev1.Pod) { p.Status.Phase = corev1.PodRunning }).DeletionTimestamp == nil {
		t.Error("a status update took the deletion back")
	}
	if _, gone := del(ptr.To[int64](0)); !gone { // the kubelet is done
		t.Error("not gone")
	}
	if _, err := read[*corev1.Pod](f, "p"); !apierrors.IsNotFound(err) {
		t.Errorf("still there: %v", err)
	}
}

func TestFinalizers(t *testing.T) {
	f := newFixture(t)
	m := configMap("a")
	m.Finalizers = []string{"example.com/wait"}
	mustCreate(f, m)
	out, gone, err := remove[*corev1.ConfigMap](f, "a", nil)
	if err != nil || gone {
		t.Fatalf("gone is %t, %v", gone, err)
	}
	if s := out.(*metav1.Status); s.Status != metav1.StatusSuccess || s.Details.Name != "a" || s.Details.Kind != "configmaps" || s.Details.UID == "" {
		t.Errorf("status is %+v", s)
	}
	got, err := read[*corev1.ConfigMap](f, "a")
	if err != nil || got.DeletionTimestamp == nil || *got.DeletionGracePeriodSeconds != 0 {
		t.Fatalf("marked as %+v, %v", got, err)
	}
	_, err = create(f, configMap("a"))
	wantError(t, err, `object is being deleted: configmaps "a" already exists`)
	mustUpdate(f, "a", "", func(m *corev1.ConfigMap) { m.Data["k"] = "still there" })
	last := mustUpdate(f, "a", "", func(m *corev1.ConfigMap) { m.Finalizers = nil })
	if last.Data["k"] != "still there" {
		t.Errorf("the last update returned %v", last)
	}
	if _, err := read[*corev1.ConfigMap](f, "a"); !apierrors.IsNotFound(err) {
		t.Errorf("still there: %v", err)
	}
}

func TestPropagation(t *testing.T) {
	orphan, fore, back := metav1.DeletePropagationOrphan, metav1.DeletePropagationForeground, metav1.DeletePropagationBackground
	tests := []struct {
		name string
		had  []string
		opts metav1.DeleteOptions
		want []string // nil: gone
	}{
		{name: "none said"},
		{name: "background", opts: metav1.DeleteOptions{PropagationPolicy: &back}},
		{name: "orphan", opts: metav1.DeleteOptions{PropagationPolicy: &orphan}, want: []string{"orphan"}},
		{name: "foreground", opts: metav1.DeleteOptions{PropagationPolicy: &fore}, want: []string{"foregroundDeletion"}},
		//lint:ignore SA1019 old clients say it so
		{name: "old orphan", opts: metav1.DeleteOptions{OrphanDependents: ptr.To(true)}, want: []string{"orphan"}},
		//lint:ignore SA1019 old clients say it so
		{name: "old not orphan", had: []string{"orphan"}, opts: metav1.DeleteOptions{OrphanDependents: ptr.To(false)}},
		{name: "had one", had: []string{"foregroundDeletion"}, want: []string{"foregroundDeletion"}},
		{name: "changed", had: []string{"a.b/c", "orphan"}, opts: metav1.DeleteOptions{PropagationPolicy: &fore}, want: []string{"a.b/c", "foregroundDeletion"}},
	}
	f := newFixture(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := replicaSet("s")
			s.Finalizers = tt.had
			mustCreate(f, s)
			_, gone, err := remove[*appsv1.ReplicaSet](f, "s", &tt.opts)
			if err != nil || gone != (tt.want == nil) {
				t.Fatalf("gone is %t, %v", gone, err)
			}
			if gone {
				return
			}
			got, err := read[*appsv1.ReplicaSet](f, "s")
			if err != nil || !cmp.Equal(got.Finalizers, tt.want) || got.DeletionTimestamp == nil || got.Generation != 2 {
				t.Errorf("finalizers are %v, generation %d, %v", got.Finalizers, got.Generation, err)
			}
			mustUpdate(f, "s", "", func(s *appsv1.ReplicaSet) { s.Finalizers = nil })
		})
	}
}

// TestReplicationControllerOrphans: through core/v1 the pods stay, as ever.
func TestReplicationControllerOrphans(t *testing.T) {
	f := newFixture(t)
	mustCreate(f, controller("c"))
	f.ctx = genericapirequest.WithRequestInfo(f.ctx, &genericapirequest.RequestInfo{APIVersion: "v1", Resource: "replicationcontrollers"})
	if _, gone, err := remove[*corev1.ReplicationController](f, "c", nil); err != nil || gone {
		t.Fatalf("gone is %t, %v", gone, err)
	}
	if got, _ := read[*corev1.ReplicationController](f, "c"); !cmp.Equal(got.Finalizers, []string{"orphan"}) {
		t.Errorf("finalizers are %v", got.Finalizers)
	}
}

func TestDeletePreconditions(t *testing.T) {
	f := newFixture(t)
	m := mustCreate(f, configMap("a"))
	_, _, err := remove[*corev1.ConfigMap](f, "a", &metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions("other")})
	wantError(t, err, `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (other) does not match the UID in record (`+string(m.UID)+`). The object might have been deleted and then recreated`)
	_, _, err = remove[*corev1.ConfigMap](f, "a", &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{ResourceVersion: ptr.To("1")}})
	wantError(t, err, `Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (`+m.ResourceVersion+`). The object might have been modified`)
	_, gone, err := remove[*corev1.ConfigMap](f, "a", &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: ptr.To(types.UID(m.UID)), ResourceVersion: &m.ResourceVersion}})
	if err != nil || !gone {
		t.Errorf("gone is %t, %v", gone, err)
	}
	_, _, err = remove[*corev1.ConfigMap](f, "a", nil)
	wantError(t, err, `configmaps "a" not found`)
}

func TestDeleteCollection(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"a", "b", "c"} {
		m := configMap(name)
		m.Labels = map[string]string{"gone": "yes"}
		if name == "c" {
			m.Labels = nil
		}
		mustCreate(f, m)
	}
	asked := 0
	out, err := at[rest.CollectionDeleter](f, gvrOf(t, configMap("a")), "").DeleteCollection(
		genericapirequest.WithNamespace(f.ctx, ""),
		func(context.Context, runtime.Object) error { asked++; return nil },
		&metav1.DeleteOptions{}, &internalversion.ListOptions{LabelSelector: labels.SelectorFromSet(labels.Set{"gone": "yes"})})
	if err != nil || len(out.(*corev1.ConfigMapList).Items) != 2 || asked != 2 {
		t.Errorf("%v, %v, asked %d", out, err, asked)
	}
	if _, err := read[*corev1.ConfigMap](f, "c"); err != nil {
		t.Error(err)
	}
	if _, err := read[*corev1.ConfigMap](f, "a"); !apierrors.IsNotFound(err) {
		t.Errorf("a: %v", err)
	}
}
