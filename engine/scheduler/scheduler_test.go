package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/clock"
	"kubergarten/engine/trace"
)

// run runs a scheduler on those objects until the test ends.
func run(tb testing.TB, rec *trace.Recorder, objects ...runtime.Object) client.Interface {
	tb.Helper()
	for _, o := range objects {
		scheme.Scheme.Default(o)
	}
	api := clienttest.New(objects...)
	s, err := New(Flags{}, Deps{
		API: api, Clock: clock.New(), Log: slog.New(slog.DiscardHandler), Trace: rec, Rand: rand.New(rand.NewPCG(1, 2)),
	})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(tb.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
	return api
}

// until waits for the pod to be as ok wants it.
func until(tb testing.TB, api client.Interface, name string, ok func(*corev1.Pod) bool) *corev1.Pod {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	send := true
	w, err := client.For[*corev1.Pod](api).Watch(ctx, "default", metav1.ListOptions{
		FieldSelector: "metadata.name=" + name, SendInitialEvents: &send, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan, AllowWatchBookmarks: true,
	})
	if err != nil {
		tb.Fatal(err)
	}
	defer w.Stop()
	for e := range w.ResultChan() {
		if pod, is := e.Object.(*corev1.Pod); is && e.Type != watch.Bookmark && ok(pod) {
			return pod
		}
	}
	tb.Fatalf("pod %s never came to be as wanted", name)
	return nil
}

func bound(pod *corev1.Pod) bool { return pod.Spec.NodeName != "" }

func refused(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return true
		}
	}
	return false
}

func TestAPodGoesWhereItFits(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pod   *corev1.Pod
		nodes []runtime.Object
		want  string
	}{
		{"the one without a taint", makePod("p").obj, []runtime.Object{
			makeNode("control-plane").taint("node-role.kubernetes.io/control-plane", corev1.TaintEffectNoSchedule).obj, makeNode("n1").obj,
		}, "n1"},
		{"the one with room", makePod("p").req("2", "1Gi").obj, []runtime.Object{makeNode("small").cpu("1").obj, makeNode("large").obj}, "large"},
		{"the one with the label", makePod("p").selector("disk", "ssd").obj, []runtime.Object{
			makeNode("a").obj, makeNode("b").label("disk", "ssd").obj, makeNode("c").obj,
		}, "b"},
		{"the emptier one", makePod("p").req("1", "1Gi").obj, []runtime.Object{
			makeNode("full").obj, makePod("other").req("2", "4Gi").on("full").obj, makeNode("empty").obj,
		}, "empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api := run(t, nil, append(tt.nodes, tt.pod)...)
			if got := until(t, api, "p", bound).Spec.NodeName; got != tt.want {
				t.Errorf("bound to %s, want %s", got, tt.want)
			}
		})
	}
}

func TestFailedSchedulingSaysWhy(t *testing.T) {
	api := run(t, nil,
		makeNode("control-plane").taint("node-role.kubernetes.io/control-plane", corev1.TaintEffectNoSchedule).obj,
		makeNode("n1").cpu("1").obj, makeNode("n2").obj, makePod("big").req("3", "1Gi").on("n2").obj,
		makePod("p").req("2", "1Gi").obj)
	pod := until(t, api, "p", refused)
	const want = "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. " +
		"preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling."
	c := pod.Status.Conditions[0]
	if c.Reason != corev1.PodReasonUnschedulable || c.Message != want {
		t.Errorf("condition says %s: %s\nwant %s", c.Reason, c.Message, want)
	}
	waitEvent(t, api, "FailedScheduling", want)

	// Room is made, and the pod goes there.
	if err := client.For[*corev1.Pod](api).Delete(t.Context(), "default", "big", metav1.DeleteOptions{GracePeriodSeconds: new(int64)}); err != nil {
		t.Fatal(err)
	}
	if got := until(t, api, "p", bound).Spec.NodeName; got != "n2" {
		t.Errorf("bound to %s, want n2", got)
	}
}

func waitEvent(t *testing.T, api client.Interface, reason, message string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	send := true
	w, err := client.For[*corev1.Event](api).Watch(ctx, "default", metav1.ListOptions{
		SendInitialEvents: &send, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan, AllowWatchBookmarks: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	for e := range w.ResultChan() {
		if ev, ok := e.Object.(*corev1.Event); ok && ev.Reason == reason {
			if ev.Message != message {
				t.Errorf("event says %q, want %q", ev.Message, message)
			}
			return
		}
	}
	t.Errorf("no event %s", reason)
}

func TestANodeThatComesLater(t *testing.T) {
	api := run(t, nil, makePod("p").obj)
	until(t, api, "p", refused)
	if _, err := client.For[*corev1.Node](api).Create(t.Context(), makeNode("n1").obj); err != nil {
		t.Fatal(err)
	}
	until(t, api, "p", bound)
}

func TestAGateHoldsAPod(t *testing.T) {
	api := run(t, nil, makeNode("n1").obj, makePod("p").gate("wait").obj, makePod("free").obj)
	until(t, api, "free", bound)
	pods := client.For[*corev1.Pod](api)
	pod, err := pods.Get(t.Context(), "default", "p")
	if err != nil || bound(pod) {
		t.Fatalf("a gated pod was bound (%v)", err)
	}
	open := pod.DeepCopy()
	open.Spec.SchedulingGates = nil
	if _, err := pods.Update(t.Context(), open); err != nil {
		t.Fatal(err)
	}
	until(t, api, "p", bound)
}

func TestABindingThatFailsIsTriedAgain(t *testing.T) {
	node, pod := makeNode("n1").obj, makePod("p").obj
	api := clienttest.New(node, pod)
	failures := 0
	api.OnCall = func(verb string, at client.Target, _ runtime.Object) error {
		if verb == "create" && at.Subresource == "binding" && failures == 0 {
			failures++
			return errors.New("etcdserver: request timed out")
		}
		return nil
	}
	s, err := New(Flags{}, Deps{API: api, Clock: clock.New(), Log: slog.New(slog.DiscardHandler), Rand: rand.New(rand.NewPCG(1, 2))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	defer func() { cancel(); <-done }()
	until(t, api, "p", bound)
	if failures != 1 {
		t.Errorf("%d failures, want 1", failures)
	}
}

func TestTrace(t *testing.T) {
	rec := trace.New(clock.New(), 64)
	api := run(t, rec, makeNode("n1").obj, makeNode("n2").taint("k", corev1.TaintEffectNoSchedule).obj, makeNode("n3").obj, makePod("p").obj)
	until(t, api, "p", bound)
	records, _ := rec.Since(0)
	var steps []string
	for _, r := range records {
		steps = append(steps, string(r.Step))
	}
	if got, want := strings.Join(steps, " "), "queued filtered filtered scored"; !strings.HasPrefix(got, want) {
		t.Errorf("steps are %q, want %q first", got, want)
	}
}

func BenchmarkSchedule(b *testing.B) {
	for _, nodes := range []int{3, 1000} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			var objects []runtime.Object
			for i := range nodes {
				objects = append(objects, makeNode(fmt.Sprintf("n%d", i)).cpu("64000").obj)
			}
			api := run(b, nil, objects...)
			pods := client.For[*corev1.Pod](api)
			n := 0
			for b.Loop() {
				n++
				if _, err := pods.Create(b.Context(), makePod(fmt.Sprintf("p%d", n)).req("1m", "1Ki").obj); err != nil {
					b.Fatal(err)
				}
			}
			until(b, api, fmt.Sprintf("p%d", n), bound)
		})
	}
}
