package component

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// A Component is one long-running part of the cluster, named as Kubernetes names it.
//
// Run blocks until ctx is done, and owns every goroutine it starts: when it
// returns, they have returned. It returns nil after an orderly stop.
type Component interface {
	Name() string
	Run(ctx context.Context) error
}

// A Readier is a component that the next stage must wait for.
type Readier interface {
	Ready() <-chan struct{}
}

// A Stage is a set of components that start together and stop together.
type Stage []Component

// ErrExited reports a component that returned without being asked to.
var ErrExited = errors.New("exited before it was stopped")

// Run starts the stages in order, each after the one before is ready. When ctx
// is done, or a component fails, it stops them in reverse order and returns
// nil, or the first failure.
func Run(ctx context.Context, log *slog.Logger, stages ...Stage) error {
	running, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	for _, s := range stages {
		stop := s.start(ctx, log, fail)
		defer stop()
		if !s.ready(running) {
			break
		}
	}
	<-running.Done()
	if ctx.Err() != nil {
		return nil // we were asked to stop
	}
	return context.Cause(running)
}

// start runs the components of s under a context that outlives ctx, for only
// the returned stop may end it; stop waits until all have returned.
func (s Stage) start(ctx context.Context, log *slog.Logger, fail func(error)) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	for _, c := range s {
		wg.Go(func() { end(ctx, log, c, c.Run(ctx), fail) })
	}
	return func() { cancel(); wg.Wait() }
}

// end judges how c ended: unasked is a failure of the whole, asked but with an
// error is only worth a line in the log.
func end(ctx context.Context, log *slog.Logger, c Component, err error, fail func(error)) {
	switch {
	case ctx.Err() == nil && err == nil:
		fail(fmt.Errorf("%s: %w", c.Name(), ErrExited))
	case ctx.Err() == nil:
		fail(fmt.Errorf("%s: %w", c.Name(), err))
	case err != nil && !errors.Is(err, context.Canceled):
		log.ErrorContext(ctx, "stopped badly", "component", c.Name(), "err", err)
	}
}

// ready waits for the components of s, and reports whether ctx outlasted the wait.
func (s Stage) ready(ctx context.Context) bool {
	for _, c := range s {
		if r, ok := c.(Readier); ok {
			select {
			case <-r.Ready():
			case <-ctx.Done():
			}
		}
	}
	return ctx.Err() == nil
}
