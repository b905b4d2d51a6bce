package frame

import (
	"context"
	"sync"

	"k8s.io/utils/clock"
)

// A Gallery has one view for all tabs of one identity that look at the same
// scene: a class that looks at one list costs as much as one of it. A view lives
// while somebody looks.
type Gallery struct {
	clock clock.WithTickerAndDelayedExecution

	mu    sync.Mutex
	views map[string]*view
}

// NewGallery returns a gallery that nobody looks at yet.
func NewGallery(c clock.WithTickerAndDelayedExecution) *Gallery {
	return &Gallery{clock: c, views: map[string]*view{}}
}

// Look shows the scene of that name to a tab until ctx ends, as a Source does.
// Only the first tab makes the scene; a context of its visit is given to it.
func (g *Gallery) Look(ctx context.Context, name string, send func(...Part), set func(context.Context) (Scene, error)) error {
	who := From(ctx)
	v, leave := g.enter(ctx, identity(who)+"\x00"+name, set)
	defer leave()
	o := &onlooker{lang: who.Lang, send: send}
	v.join(o)
	defer v.quit(o)
	select {
	case <-ctx.Done():
		return nil
	case <-v.ended:
		return v.err
	}
}

// enter finds the view of a key, or opens it, also in the place of one that has
// ended and whose tabs are about to leave. The last to leave ends it and
// waits until it has ended.
func (g *Gallery) enter(ctx context.Context, key string, set func(context.Context) (Scene, error)) (v *view, leave func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	v = g.views[key]
	if v == nil || v.over() {
		// The view outlives the tab that opened it, and keeps its visitor.
		ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
		v = newView(g.clock, stop)
		g.views[key] = v
		go v.run(ctx, set)
	}
	v.guests++
	return v, func() { g.leave(key, v) }
}

func (g *Gallery) leave(key string, v *view) {
	g.mu.Lock()
	v.guests--
	last := v.guests == 0
	if last && g.views[key] == v {
		delete(g.views, key)
	}
	g.mu.Unlock()
	if last {
		v.stop()
		<-v.ended
	}
}
