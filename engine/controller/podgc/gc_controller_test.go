package podgc

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/controller"
)

func pod(name, node string, phase corev1.PodPhase, age time.Duration) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID(name), CreationTimestamp: metav1.NewTime(time.Unix(1e9, 0).Add(-age))},
		Spec:       corev1.PodSpec{NodeName: node}, Status: corev1.PodStatus{Phase: phase},
	}
}

func TestExcess(t *testing.T) {
	evicted := pod("evicted", "n", corev1.PodFailed, time.Minute)
	evicted.Status.Reason = "Evicted"
	pods := []*corev1.Pod{
		pod("runs", "n", corev1.PodRunning, 9*time.Hour), pod("old", "n", corev1.PodSucceeded, 2*time.Hour),
		pod("young", "n", corev1.PodFailed, time.Hour), evicted,
	}
	for _, tt := range []struct {
		name      string
		threshold int
		want      []string
	}{
		{"enough room", 3, nil},
		{"the evicted one first", 2, []string{"evicted"}},
		{"then the oldest", 1, []string{"evicted", "old"}},
		{"no threshold", 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range excess(pods, tt.threshold) {
				got = append(got, p.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("excess (-want +got):\n%s", diff)
			}
		})
	}
}

// dead is a node that is not ready, and tainted by someone who knows that it is off.
func dead() *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "dead"},
		Spec:       corev1.NodeSpec{Taints: []corev1.Taint{{Key: corev1.TaintNodeOutOfService, Effect: corev1.TaintEffectNoExecute}}},
	}
}

func TestCollect(t *testing.T) {
	clk := clocktesting.NewFakeClock(time.Unix(1e9, 0))
	deleting := func(p *corev1.Pod) *corev1.Pod {
		p.DeletionTimestamp, p.Finalizers = &metav1.Time{Time: clk.Now()}, []string{"example.com/seen"}
		return p
	}
	api := clienttest.New(dead(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "well"}},
		pod("stays", "well", corev1.PodRunning, 0), pod("orphan", "gone", corev1.PodRunning, 0),
		deleting(pod("unscheduled", "", corev1.PodPending, 0)), deleting(pod("stuck", "dead", corev1.PodRunning, 0)),
		deleting(pod("leaving", "well", corev1.PodRunning, 0)))
	cc := controller.Context{Client: api, Informers: client.NewInformers(api), Clock: clk, Log: slog.New(slog.DiscardHandler)}
	c, err := New(cc, 10)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- cc.Informers.Run(ctx) }()
	defer func() { cancel(); <-done }()
	if err := cc.Informers.Synced(ctx); err != nil {
		t.Fatal(err)
	}
	c.collect(ctx) // sees that a node is missing
	if got := phases(t, api)["orphan"]; got != "Running" {
		t.Errorf("the orphan is %s before its quarantine is over", got)
	}
	clk.Step(quarantine)
	c.collect(ctx)
	want := map[string]string{"stays": "Running", "leaving": "Running", "unscheduled": "Failed", "stuck": "Failed"}
	if diff := cmp.Diff(want, phases(t, api)); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
}

// phases is the pods there are; those with a finalizer stay, marked.
func phases(t *testing.T, api client.Interface) map[string]string {
	t.Helper()
	pods, err := client.For[*corev1.Pod](api).List(t.Context(), "", metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, p := range pods {
		out[p.Name] = string(p.Status.Phase)
	}
	return out
}
