package controller

import (
	"context"
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"kubergarten/engine/client/clienttest"
)

// loop runs a loop, and f beside it; when f returns the loop works off what is
// queued, and ends.
func loop(t *testing.T, sync func(ctx context.Context, key string) error, f func(l *Loop)) {
	cc := testContext(clienttest.New())
	l := NewLoop("test-controller", cc, 2, sync)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() { done <- cc.Informers.Run(ctx) }()
	go func() { done <- l.Run(ctx) }()
	f(l)
	cancel()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestAFailedKeyIsTriedAgain(t *testing.T) {
	for _, tt := range []struct {
		name string
		fail func() error
	}{
		{"an error", func() error { return errors.New("no") }},
		{"a conflict", func() error { return apierrors.NewConflict(schema.GroupResource{}, "x", errors.New("stale")) }},
		{"a panic", func() error { panic("a bad object") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tries, well := 0, make(chan struct{})
			loop(t, func(_ context.Context, key string) error {
				if key != "default/bad" {
					t.Errorf("key is %q", key)
				}
				if tries++; tries < 4 {
					return tt.fail()
				}
				close(well)
				return nil
			}, func(l *Loop) {
				l.Enqueue(pod("bad").obj)
				<-well
			})
		})
	}
}

func TestAKeyIsWorkedOffOnceAtATime(t *testing.T) {
	busy, calls := false, 0
	started, hold, second := make(chan struct{}), make(chan struct{}), make(chan struct{})
	loop(t, func(context.Context, string) error {
		if busy {
			t.Error("two workers have the same key")
		}
		busy = true
		if calls++; calls == 1 {
			close(started)
			<-hold
		} else {
			close(second)
		}
		busy = false
		return nil
	}, func(l *Loop) {
		l.EnqueueKey("k")
		<-started
		l.EnqueueKey("k") // while the first is at work
		l.EnqueueKey("k")
		close(hold)
		<-second
	})
	if calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
}

func TestKeys(t *testing.T) {
	for _, key := range []string{"default/p", "node-1"} {
		ns, name := SplitKey(key)
		p := &corev1.Pod{}
		p.Namespace, p.Name = ns, name
		if Key(p) != key {
			t.Errorf("%q became %q", key, Key(p))
		}
	}
}
