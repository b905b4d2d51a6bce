package resource

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/sync/errgroup"
	"k8s.io/utils/clock"

	"kubergarten/ui/frame"
	"kubergarten/ui/text"
)

// A scene is what a view follows and paints.
type scene interface {
	// follow calls changed whenever there may be something new, until ctx ends.
	follow(ctx context.Context, changed func()) error
	// look takes in how things are now. It and paint are called in turn.
	look(ctx context.Context)
	// paint renders what was taken in, in the language of ctx.
	paint(ctx context.Context, lang string) painting
}

// A painting is a scene in one language: all of it, rendered for who comes, and
// what differs from the painting before.
type painting struct {
	all     func() []frame.Part
	changed []frame.Part
}

// pace is the least time between two paintings: of a hundred changes in a row,
// the tabs get the outcome of the last.
const pace = 100 * time.Millisecond

// A tab looks at a view in a language.
type tab struct {
	lang string
	send func(...frame.Part)
	has  bool // it got all once
}

// A view paints a scene for its tabs. The lock guards the tabs and is not held
// while something is rendered.
type view struct {
	clock  clock.WithTickerAndDelayedExecution
	guests int // of the gallery, whose lock guards it
	stop   context.CancelFunc
	ended  chan struct{} // closed after err is set
	err    error

	changed chan struct{} // holds one token while there is something to paint

	mu   sync.Mutex
	tabs map[*tab]bool
}

func newView(c clock.WithTickerAndDelayedExecution, stop context.CancelFunc) *view {
	return &view{clock: c, stop: stop, ended: make(chan struct{}), changed: make(chan struct{}, 1), tabs: map[*tab]bool{}}
}

// run follows and paints until ctx ends, and owns its goroutines.
func (v *view) run(ctx context.Context, set func(context.Context) (scene, error)) {
	defer close(v.ended)
	var s scene
	v.err = contain(func() (err error) { s, err = set(ctx); return err })
	if v.err != nil {
		return
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return contain(func() error { return s.follow(ctx, v.touch) }) })
	g.Go(func() error { return contain(func() error { v.paint(ctx, s); return nil }) })
	v.err = g.Wait()
}

// contain turns a panic into an error: it ends this view, whose tabs are told,
// and nothing else.
func contain(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the view panicked: %v", p)
		}
	}()
	return f()
}

func (v *view) paint(ctx context.Context, s scene) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-v.changed:
		}
		s.look(ctx)
		for _, lang := range v.langs() {
			v.show(lang, s.paint(text.With(ctx, lang), lang))
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
	for t := range v.tabs {
		seen[t.lang] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// show sends a painting to the tabs of its language: to who has come, all of it.
func (v *view) show(lang string, p painting) {
	var all []frame.Part
	for _, t := range v.of(lang) {
		if t.has {
			t.send(p.changed...)
			continue
		}
		if all == nil {
			all = p.all()
		}
		t.send(all...)
		t.has = true // only the painter reads and writes it
	}
}

func (v *view) of(lang string) (all []*tab) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for t := range v.tabs {
		if t.lang == lang {
			all = append(all, t)
		}
	}
	return all
}

func (v *view) join(t *tab) {
	v.mu.Lock()
	v.tabs[t] = true
	v.mu.Unlock()
	v.touch()
}

func (v *view) quit(t *tab) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.tabs, t)
}

// touch asks for a painting.
func (v *view) touch() {
	select {
	case v.changed <- struct{}{}:
	default:
	}
}

// A picture is rendered HTML, for all tabs.
type picture struct {
	html []byte
	err  error
}

func render(ctx context.Context, c templ.Component) picture {
	var html bytes.Buffer
	err := c.Render(ctx, &html)
	return picture{html.Bytes(), err}
}

// Render writes the picture.
func (p picture) Render(_ context.Context, out io.Writer) error {
	if p.err != nil {
		return p.err
	}
	_, err := out.Write(p.html)
	return err
}
