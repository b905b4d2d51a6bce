package overview

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"kubergarten/engine/client"
	"kubergarten/ui/frame"
)

// A tab looks at a view in a language.
type tab struct {
	lang string
	send func(...frame.Part)
}

// A view follows what one identity may list, and paints it for its tabs. The
// lock guards what changed, who looks and what was painted; it is not held
// while the panels are rendered.
type view struct {
	deps   Deps
	guests int // of the gallery, whose lock guards it
	stop   context.CancelFunc
	ended  chan struct{} // closed after err is set
	err    error

	changed chan struct{} // holds one token while a panel is dirty

	mu      sync.Mutex
	dirty   map[string]bool // panels
	tabs    map[*tab]bool
	painted map[string]map[string]frame.Part // language, panel
}

func newView(d Deps, stop context.CancelFunc) *view {
	return &view{
		deps: d, stop: stop, ended: make(chan struct{}), changed: make(chan struct{}, 1),
		dirty: map[string]bool{}, tabs: map[*tab]bool{}, painted: map[string]map[string]frame.Part{},
	}
}

// run follows and paints until ctx ends, and owns its goroutines.
func (v *view) run(ctx context.Context) {
	var w *watcher
	err := contain(func() error {
		w = newWatcher(ctx, v.deps, client.NewInformers(frame.From(ctx).API), v.touch)
		return nil
	})
	if err == nil {
		err = all(ctx,
			func(ctx context.Context) error { w.followTrace(ctx); return nil },
			func(ctx context.Context) error { v.paint(ctx, w); return nil },
			func(ctx context.Context) error { w.meter.run(ctx, v.deps, func() { v.touch("nodes") }); return nil },
			w.informers.Run,
		)
	}
	v.err = err
	close(v.ended)
}

// all runs the parts until ctx ends or one of them fails, and returns its error.
func all(ctx context.Context, parts ...func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, part := range parts {
		g.Go(func() error { return contain(func() error { return part(ctx) }) })
	}
	return g.Wait()
}

// contain turns a panic into an error: it ends this view, whose tabs are told,
// and nothing else.
func contain(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the view of the cluster panicked: %v", p)
		}
	}()
	return f()
}

// join lets a tab look: it gets what is painted. Where its language was not
// painted yet, all panels are.
func (v *view) join(t *tab) {
	v.mu.Lock()
	v.tabs[t] = true
	painted := v.painted[t.lang]
	for _, part := range painted {
		t.send(part)
	}
	v.mu.Unlock()
	if len(painted) == 0 {
		v.touch(panels()...)
	}
}

func (v *view) quit(t *tab) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.tabs, t)
}

// touch marks panels to be painted anew.
func (v *view) touch(names ...string) {
	v.mu.Lock()
	for _, name := range names {
		v.dirty[name] = true
	}
	v.mu.Unlock()
	select {
	case v.changed <- struct{}{}:
	default:
	}
}
