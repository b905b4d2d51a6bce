package component_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"kubergarten/engine/component"
)

// diary is a component that notes when it starts and stops.
type diary struct {
	name  string
	notes *notes
	ready chan struct{}
	fail  chan error
}

type notes struct {
	mu    sync.Mutex
	lines []string
}

func (n *notes) add(s string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, s)
}

func (d *diary) Name() string { return d.name }

func (d *diary) Ready() <-chan struct{} { return d.ready }

func (d *diary) Run(ctx context.Context) error {
	d.notes.add("start " + d.name)
	if d.ready != nil {
		close(d.ready)
	}
	select {
	case <-ctx.Done():
		d.notes.add("stop " + d.name)
		return nil
	case err := <-d.fail:
		return err
	}
}

func TestStagesStartInOrderAndStopInReverse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &notes{}
		one := func(name string) component.Stage {
			return component.Stage{&diary{name: name, notes: n, ready: make(chan struct{})}}
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- component.Run(ctx, slog.New(slog.DiscardHandler), one("etcd"), one("apiserver"), one("kubelet"))
		}()
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("an orderly stop returned %v", err)
		}
		want := []string{"start etcd", "start apiserver", "start kubelet", "stop kubelet", "stop apiserver", "stop etcd"}
		if diff := cmp.Diff(want, n.lines); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAFailureStopsAll(t *testing.T) {
	boom := errors.New("boom")
	for name, give := range map[string]error{"error": boom, "exit": nil} {
		t.Run(name, func(t *testing.T) {
			n := &notes{}
			bad := &diary{name: "bad", notes: n, ready: make(chan struct{}), fail: make(chan error, 1)}
			bad.fail <- give
			good := &diary{name: "good", notes: n, ready: make(chan struct{})}
			err := component.Run(t.Context(), slog.New(slog.DiscardHandler), component.Stage{good}, component.Stage{bad})
			want := give
			if give == nil {
				want = component.ErrExited
			}
			if !errors.Is(err, want) || !strings.HasPrefix(err.Error(), "bad: ") {
				t.Errorf("got %v, want bad: %v", err, want)
			}
			if last := n.lines[len(n.lines)-1]; last != "stop good" {
				t.Errorf("the good one was not stopped: %v", n.lines)
			}
		})
	}
}
