package queue_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/clock"
	"kubergarten/engine/scheduler/framework"
	"kubergarten/engine/scheduler/queue"
)

// judge orders by time, gates pods labelled so, and wakes for new nodes only.
type judge struct{}

func (judge) Less(a, b *framework.QueuedPodInfo) bool { return a.Timestamp.Before(b.Timestamp) }

func (judge) PreEnqueue(_ context.Context, pod *corev1.Pod) *framework.Status {
	if pod.Labels["gated"] == "yes" {
		return framework.NewStatus(framework.UnschedulableAndUnresolvable, "gated")
	}
	return nil
}

func (judge) Wakes(e framework.Event, _ *framework.QueuedPodInfo) bool {
	return e&framework.NodeAdded != 0
}

func pod(name string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name)}}
}

// bubble runs f with a running queue, in fake time.
func bubble(t *testing.T, f func(t *testing.T, q *queue.Queue)) {
	synctest.Test(t, func(t *testing.T) {
		q := queue.New(clock.New(), judge{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- q.Run(ctx) }()
		f(t, q)
		cancel()
		<-done
	})
}

// next is the name of the pod that Pop gives, and how long it took.
func next(t *testing.T, q *queue.Queue) (*framework.QueuedPodInfo, time.Duration) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	p := q.Pop(ctx)
	if p == nil {
		t.Fatal("nothing came within an hour")
	}
	return p, time.Since(start)
}

func TestAFailedPodComesBackLaterAndLater(t *testing.T) {
	bubble(t, func(t *testing.T, q *queue.Queue) {
		q.Add(t.Context(), pod("a"))
		p, _ := next(t, q)
		for _, want := range []time.Duration{1, 2, 4, 8, 10, 10} {
			q.Fail(p, p.Pod, nil) // an error, not a refusal
			var took time.Duration
			p, took = next(t, q)
			if took != want*time.Second {
				t.Errorf("attempt %d came after %v, want %v", p.Attempts, took, want*time.Second)
			}
		}
	})
}

func TestARefusedPodWaitsForWhatMayHelp(t *testing.T) {
	bubble(t, func(t *testing.T, q *queue.Queue) {
		q.Add(t.Context(), pod("a"))
		p, _ := next(t, q)
		q.Fail(p, p.Pod, []string{"NodeResourcesFit"})
		time.Sleep(time.Minute)
		q.Happened(framework.AssignedPodDeleted) // does not help
		q.Happened(framework.NodeAdded)
		if _, took := next(t, q); took != 0 {
			t.Errorf("came after %v, want at once", took)
		}
	})
}

func TestWhatHappensDuringTheAttemptCounts(t *testing.T) {
	bubble(t, func(t *testing.T, q *queue.Queue) {
		q.Add(t.Context(), pod("a"))
		p, _ := next(t, q)
		q.Happened(framework.NodeAdded)
		q.Fail(p, p.Pod, []string{"NodeResourcesFit"})
		if _, took := next(t, q); took != time.Second {
			t.Errorf("came after %v, want after its back-off", took)
		}
	})
}

func TestFiveMinutesHelpToo(t *testing.T) {
	bubble(t, func(t *testing.T, q *queue.Queue) {
		q.Add(t.Context(), pod("a"))
		p, _ := next(t, q)
		q.Fail(p, p.Pod, []string{"NodeResourcesFit"})
		if _, took := next(t, q); took != 5*time.Minute {
			t.Errorf("came after %v, want 5m", took)
		}
	})
}

func TestAGatedPodWaitsForItsGate(t *testing.T) {
	bubble(t, func(t *testing.T, q *queue.Queue) {
		gated := pod("a")
		gated.Labels = map[string]string{"gated": "yes"}
		q.Add(t.Context(), gated)
		q.Happened(framework.NodeAdded)
		q.Add(t.Context(), pod("b"))
		if p, _ := next(t, q); p.Pod.Name != "b" {
			t.Fatalf("got %s, want b", p.Pod.Name)
		}
		q.Update(t.Context(), pod("a"), true)
		if p, took := next(t, q); p.Pod.Name != "a" || took != 0 {
			t.Errorf("got %s after %v, want a at once", p.Pod.Name, took)
		}
	})
}

func TestADeletedPodDoesNotCome(t *testing.T) {
	bubble(t, func(t *testing.T, q *queue.Queue) {
		q.Add(t.Context(), pod("a"))
		q.Delete(pod("a"))
		q.Add(t.Context(), pod("b"))
		if p, _ := next(t, q); p.Pod.Name != "b" {
			t.Errorf("got %s, want b", p.Pod.Name)
		}
	})
}
