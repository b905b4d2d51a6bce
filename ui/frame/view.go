package frame

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"kubergarten/ui/text"
)

// pace is the least time between two paintings: of a hundred changes in a row,
// the tabs get the outcome of the last.
const pace = 100 * time.Millisecond

// An onlooker is a tab that looks at a view, in a language.
type onlooker struct {
	lang string
	send func(...Part)
	has  bool // it got all once
}

// A view paints a scene for its onlookers. The lock guards them and is not held
// while something is rendered.
type view struct {
	clock  clock.WithTickerAndDelayedExecution
	guests int // of the gallery, whose lock guards it
	stop   context.CancelFunc
	ended  chan struct{} // closed after err is set
	err    error

	changed chan struct{} // holds one token while there is something to paint

	mu        sync.Mutex
	onlookers map[*onlooker]bool
}

func newView(c clock.WithTickerAndDelayedExecution, stop context.CancelFunc) *view {
	return &view{clock: c, stop: stop, ended: make(chan struct{}), changed: make(chan struct{}, 1), onlookers: map[*onlooker]bool{}}
}

// over tells whether the view has ended.
func (v *view) over() bool {
	select {
	case <-v.ended:
		return true
	default:
		return false
	}
}

// run follows and paints until ctx ends, and owns its goroutines.
func (v *view) run(ctx context.Context, set func(context.Context) (Scene, error)) {
	defer close(v.ended)
	var s Scene
	v.err = contain("view", func() (err error) { s, err = set(ctx); return err })
	if v.err != nil {
		return
	}
	v.err = Together(ctx,
		func(ctx context.Context) error { return s.Follow(ctx, v.touch) },
		func(ctx context.Context) error { v.paint(ctx, s); return nil },
	)
}

// paint shows the scene anew whenever it was touched, until ctx ends.
func (v *view) paint(ctx context.Context, s Scene) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-v.changed:
		}
		s.Look(ctx)
		for _, lang := range v.langs() {
			v.show(lang, s.Paint(text.With(ctx, lang), lang))
		}
		rest := v.clock.NewTimer(pace)
		select {
		case <-ctx.Done():
			rest.Stop()
			return
		case <-rest.C():
		}
	}
}

// langs are the languages that are looked at.
func (v *view) langs() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	seen := map[string]bool{}
	for o := range v.onlookers {
		seen[o.lang] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// show sends a painting to who looks in its language: to who has come, all of it.
func (v *view) show(lang string, p Painting) {
	var all []Part
	for _, o := range v.of(lang) {
		if o.has {
			o.send(p.Changed...)
			continue
		}
		if all == nil {
			all = p.All()
		}
		o.send(all...)
		o.has = true // only the painter reads and writes it
	}
}

func (v *view) of(lang string) (all []*onlooker) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for o := range v.onlookers {
		if o.lang == lang {
			all = append(all, o)
		}
	}
	return all
}

func (v *view) join(o *onlooker) {
	v.mu.Lock()
	v.onlookers[o] = true
	v.mu.Unlock()
	v.touch()
}

func (v *view) quit(o *onlooker) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.onlookers, o)
}

// touch asks for a painting.
func (v *view) touch() {
	select {
	case v.changed <- struct{}{}:
	default:
	}
}
