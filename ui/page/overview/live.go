package overview

import (
	"context"
	"net/url"
	"strings"
	"sync"

	"k8s.io/apiserver/pkg/authentication/user"

	"kubergarten/ui/frame"
)

// A gallery has one view for all tabs of one identity: a class that looks at
// one cluster costs as much as one of it. A view lives while somebody looks.
type gallery struct {
	deps Deps

	mu    sync.Mutex
	views map[string]*view
}

func newGallery(d Deps) *gallery { return &gallery{deps: d, views: map[string]*view{}} }

// follow sends each panel when something in it has changed.
func (g *gallery) follow(ctx context.Context, _ url.Values, send func(...frame.Part)) error {
	who := frame.From(ctx)
	v, leave := g.enter(ctx, identity(who.User))
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

// enter finds the view of an identity, or opens it. The last to leave ends it
// and waits until it has ended.
func (g *gallery) enter(ctx context.Context, id string) (v *view, leave func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	v = g.views[id]
	if v == nil {
		// The view outlives the tab that opened it, and keeps its visitor.
		ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
		v = newView(g.deps, stop)
		g.views[id] = v
		go v.run(ctx)
	}
	v.guests++
	return v, func() { g.leave(id, v) }
}

func (g *gallery) leave(id string, v *view) {
	g.mu.Lock()
	v.guests--
	last := v.guests == 0
	if last {
		delete(g.views, id)
	}
	g.mu.Unlock()
	if last {
		v.stop()
		<-v.ended
	}
}

// identity is all that RBAC looks at in a user.
func identity(u user.Info) string {
	return strings.Join(append([]string{u.GetName(), u.GetUID()}, u.GetGroups()...), "\x00")
}
