package status

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/kubelet/container"
)

// one is a manager of one pod, and the API server it tells.
type one struct {
	t   *testing.T
	api *clienttest.API
	m   *Manager
	clk *clocktesting.FakeClock

	mu      sync.Mutex
	running bool
	patches int
	fail    error
	told    chan struct{}
}

func newOne(t *testing.T) *one {
	t.Helper()
	o := &one{t: t, clk: clocktesting.NewFakeClock(time.Unix(1e9, 0)), running: true, told: make(chan struct{}, 100)}
	o.api = clienttest.New(&corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p", UID: "u1"}, Spec: corev1.PodSpec{NodeName: "n1", Containers: []corev1.Container{{Name: "c"}}},
		Status: corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{Type: "mine/gate", Status: corev1.ConditionTrue}}},
	})
	o.api.OnCall = func(verb string, _ client.Target, _ runtime.Object) error {
		if verb != "patch" {
			return nil
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.patches++
		o.told <- struct{}{}
		return o.fail
	}
	o.m = New(Config{API: o.api, Pods: o, Clock: o.clk, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = o.m.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return o
}

func (o *one) pod() *corev1.Pod {
	p, err := client.For[*corev1.Pod](o.api).Get(context.Background(), "ns", "p")
	if apierrors.IsNotFound(err) {
		return nil
	}
	return p
}

func (o *one) OnServer(types.UID) (*corev1.Pod, bool) {
	p := o.pod()
	return p, p != nil
}

func (o *one) CouldHaveRunningContainers(types.UID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.running
}

func (o *one) until(what string, ok func(*corev1.Pod) bool) {
	o.t.Helper()
	for end := time.After(20 * time.Second); ; {
		if ok(o.pod()) {
			return
		}
		select {
		case <-o.told:
		case <-time.After(time.Millisecond):
		case <-end:
			o.t.Fatalf("never: %s: %+v", what, o.pod())
		}
	}
}

func status(phase corev1.PodPhase) corev1.PodStatus {
	return corev1.PodStatus{Phase: phase, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}, {Type: corev1.ContainersReady, Status: corev1.ConditionTrue}}}
}

func TestStatusIsSent(t *testing.T) {
	o := newOne(t)
	o.m.SetPodStatus(o.pod(), status(corev1.PodRunning))
	o.until("running", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodRunning })
	p := o.pod()
	if len(p.Status.Conditions) != 3 || p.Status.StartTime == nil {
		t.Errorf("status: %+v", p.Status)
	}
	first := p.Status.StartTime
	o.clk.Step(time.Hour)
	o.m.SetPodStatus(p, status(corev1.PodRunning)) // no news
	st := status(corev1.PodRunning)
	st.Message = "news"
	o.m.SetPodStatus(p, st)
	o.until("news", func(p *corev1.Pod) bool { return p.Status.Message == "news" })
	if p := o.pod(); !p.Status.StartTime.Equal(first) || !p.Status.Conditions[1].LastTransitionTime.Equal(first) {
		t.Errorf("times changed: %+v", p.Status)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.patches != 2 {
		t.Errorf("%d patches, want 2", o.patches)
	}
}

func TestFinalPhaseWaitsForTheContainers(t *testing.T) {
	o := newOne(t)
	st := status(corev1.PodSucceeded)
	st.Message = "almost"
	o.m.SetPodStatus(o.pod(), st)
	o.until("told", func(p *corev1.Pod) bool { return len(p.Status.Conditions) == 3 })
	if p := o.pod(); p.Status.Phase != corev1.PodPending || p.Status.Message != "" {
		t.Errorf("while containers may run: %+v", p.Status)
	}
	o.mu.Lock()
	o.running = false
	o.mu.Unlock()
	o.m.TerminatePod(o.pod())
	o.until("succeeded", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodSucceeded })
	for _, c := range o.pod().Status.Conditions[1:] {
		if c.Status != corev1.ConditionFalse || c.Reason != "PodCompleted" {
			t.Errorf("condition: %+v", c)
		}
	}
}

func TestDeletedPodIsRemovedAtItsEnd(t *testing.T) {
	o := newOne(t)
	if err := client.For[*corev1.Pod](o.api).Delete(context.Background(), "ns", "p", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	o.m.SetPodStatus(o.pod(), status(corev1.PodRunning))
	o.until("running", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodRunning })
	o.mu.Lock()
	o.running = false
	o.mu.Unlock()
	o.m.TerminatePod(o.pod())
	o.until("gone", func(p *corev1.Pod) bool { return p == nil })
}

func TestFailedPatchIsRepeated(t *testing.T) {
	o := newOne(t)
	o.mu.Lock()
	o.fail = errors.New("connection refused")
	o.mu.Unlock()
	o.m.SetPodStatus(o.pod(), status(corev1.PodRunning))
	<-o.told
	o.mu.Lock()
	o.fail = nil
	o.mu.Unlock()
	o.until("running", func(p *corev1.Pod) bool {
		o.clk.Step(retry)
		return p.Status.Phase == corev1.PodRunning
	})
}

func TestReadinessChangesConditions(t *testing.T) {
	o := newOne(t)
	st := status(corev1.PodRunning)
	id := container.ID{Type: "x", ID: "1"}
	st.ContainerStatuses = []corev1.ContainerStatus{{Name: "c", ContainerID: id.String(), Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
	o.m.SetPodStatus(o.pod(), st)
	o.m.SetContainerReadiness("u1", id, false)
	o.until("not ready", func(p *corev1.Pod) bool {
		for _, c := range p.Status.Conditions {
			if c.Type == corev1.PodReady && c.Status == corev1.ConditionFalse && c.Reason == "ContainersNotReady" {
				return true
			}
		}
		return false
	})
}

func TestReadinessGates(t *testing.T) {
	p := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c"}}, ReadinessGates: []corev1.PodReadinessGate{{ConditionType: "a"}, {ConditionType: "b"}}}}
	ready := []corev1.ContainerStatus{{Name: "c", Ready: true}}
	c := PodReady(p, []corev1.PodCondition{{Type: "b", Status: corev1.ConditionFalse}}, ready, corev1.PodRunning)
	if want := `corresponding condition of pod readiness gate "a" does not exist., the status of pod readiness gate "b" is not "True", but False`; c.Message != want || c.Reason != "ReadinessGatesNotReady" {
		t.Errorf("%+v", c)
	}
}
