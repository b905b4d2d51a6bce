package tainteviction

import (
	"context"
	"log/slog"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/controller"
)

func tolerating(key string, seconds int64) corev1.Toleration {
	t := corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute}
	if seconds >= 0 {
		t.TolerationSeconds = &seconds
	}
	return t
}

func taint(key string) corev1.Taint {
	return corev1.Taint{Key: key, Effect: corev1.TaintEffectNoExecute}
}

func TestToleratesFor(t *testing.T) {
	const forever = -1
	for _, tt := range []struct {
		name        string
		taints      []corev1.Taint
		tolerations []corev1.Toleration
		want        time.Duration
	}{
		{"no taints", nil, nil, forever},
		{"not tolerated", []corev1.Taint{taint("a")}, nil, 0},
		{"tolerated for ever", []corev1.Taint{taint("a")}, []corev1.Toleration{tolerating("a", -1)}, forever},
		{"for a while", []corev1.Taint{taint("a")}, []corev1.Toleration{tolerating("a", 300)}, 300 * time.Second},
		{"for no time", []corev1.Taint{taint("a")}, []corev1.Toleration{tolerating("a", 0)}, 0},
		{"one is not tolerated", []corev1.Taint{taint("a"), taint("b")}, []corev1.Toleration{tolerating("a", 300)}, 0},
		{"the shortest counts", []corev1.Taint{taint("a"), taint("b")}, []corev1.Toleration{tolerating("a", 300), tolerating("b", 60)}, time.Minute},
		{"for ever and for a while", []corev1.Taint{taint("a"), taint("b")}, []corev1.Toleration{tolerating("a", -1), tolerating("b", 60)}, time.Minute},
		{"everything", []corev1.Taint{taint("a"), taint("b")}, []corev1.Toleration{{Operator: corev1.TolerationOpExists}}, forever},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, always := toleratesFor(&corev1.Pod{Spec: corev1.PodSpec{Tolerations: tt.tolerations}}, tt.taints)
			if always {
				got = forever
			}
			if got != tt.want {
				t.Errorf("tolerates for %v, want %v", got, tt.want)
			}
		})
	}
}

// TestAnEvictionIsCancelled: a taint that goes in time harms nobody, and an event
// says so; when it comes back, patience begins anew.
func TestAnEvictionIsCancelled(t *testing.T) {
	clk, events := clocktesting.NewFakeClock(time.Now()), record.NewFakeRecorder(10)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1"}, Spec: corev1.NodeSpec{Taints: []corev1.Taint{taint("a")}}}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "p"}, Spec: corev1.PodSpec{
		NodeName: "n1", Tolerations: []corev1.Toleration{tolerating("a", 300)},
	}}
	api := clienttest.New(node, pod)
	cc := controller.Context{Client: api, Informers: client.NewInformers(api), Events: events, Clock: clk, Log: slog.New(slog.DiscardHandler)}
	c, err := New(cc)
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range []func(context.Context) error{cc.Informers.Run, c.Run} {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- run(ctx) }()
		t.Cleanup(func() { cancel(); <-done })
	}
	pending := func(n int) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			c.mu.Lock()
			got := len(c.pending)
			c.mu.Unlock()
			if got == n {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d evictions pending, want %d", got, n)
			}
		}
	}
	setTaints := func(taints ...corev1.Taint) {
		t.Helper()
		n, err := client.For[*corev1.Node](api).Get(t.Context(), "", "n1")
		if err != nil {
			t.Fatal(err)
		}
		n = n.DeepCopy()
		n.Spec.Taints = taints
		if _, err := client.For[*corev1.Node](api).Update(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	pending(1)
	setTaints()
	if got, want := <-events.Events, "Normal TaintManagerEviction Cancelling deletion of Pod default/p"; got != want {
		t.Errorf("event is %q, want %q", got, want)
	}
	setTaints(taint("a"))
	pending(1)
	clk.Step(301 * time.Second)
	if got, want := <-events.Events, "Normal TaintManagerEviction Marking for deletion Pod default/p"; got != want {
		t.Errorf("event is %q, want %q", got, want)
	}
}
