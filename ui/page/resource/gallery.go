package resource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"sync"

	"k8s.io/utils/clock"

	"kubergarten/ui/frame"
)

// A gallery has one view for all tabs of one identity that look at the same
// thing: a class that looks at one list costs as much as one of it. A view lives
// while somebody looks.
type gallery struct {
	clock clock.WithTickerAndDelayedExecution

	mu    sync.Mutex
	views map[string]*view
}

func newGallery(c clock.WithTickerAndDelayedExecution) *gallery {
	return &gallery{clock: c, views: map[string]*view{}}
}

// look shows the scene of that name to a tab until ctx ends. Only the first tab
// makes the scene.
func (g *gallery) look(ctx context.Context, name string, send func(...frame.Part), set func(context.Context) (scene, error)) error {
	who := frame.From(ctx)
	v, leave := g.enter(ctx, identity(who)+"\x00"+name, set)
	defer leave()
	t := &tab{lang: who.Lang, send: send}
	v.join(t)
	defer v.quit(t)
	select {
	case <-ctx.Done():
		return nil
	case <-v.ended:
		return v.err
	}
}

// enter finds the view of a key, or opens it. The last to leave ends it and
// waits until it has ended.
func (g *gallery) enter(ctx context.Context, key string, set func(context.Context) (scene, error)) (v *view, leave func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	v = g.views[key]
	if v == nil {
		// The view outlives the tab that opened it, and keeps its visitor.
		ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
		v = newView(g.clock, stop)
		g.views[key] = v
		go v.run(ctx, set)
	}
	v.guests++
	return v, func() { g.leave(key, v) }
}

func (g *gallery) leave(key string, v *view) {
	g.mu.Lock()
	v.guests--
	last := v.guests == 0
	if last {
		delete(g.views, key)
	}
	g.mu.Unlock()
	if last {
		v.stop()
		<-v.ended
	}
}

// identity is all that the API server looks at in a visitor: who it is, and by
// which credential, for a token may end before another of the same user.
func identity(v *frame.Visitor) string {
	parts := append([]string{v.User.GetName(), v.User.GetUID()}, v.User.GetGroups()...)
	for _, key := range slices.Sorted(maps.Keys(v.User.GetExtra())) {
		parts = append(append(parts, key), v.User.GetExtra()[key]...)
	}
	if v.REST != nil {
		token := sha256.Sum256([]byte(v.REST.BearerToken))
		parts = append(parts, hex.EncodeToString(token[:]))
	}
	return strings.Join(parts, "\x00")
}
