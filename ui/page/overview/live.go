package overview

import (
	"context"
	"net/url"

	"kubergarten/engine/client"
	"kubergarten/ui/frame"
)

// follow sends each panel when something in it has changed.
func (d Deps) follow(g *frame.Gallery) frame.Source {
	return func(ctx context.Context, _ url.Values, send func(...frame.Part)) error {
		return g.Look(ctx, "cluster", send, func(ctx context.Context) (frame.Scene, error) {
			return newScene(ctx, d)
		})
	}
}

// newScene is what the visitor may list, of which nothing is painted yet. It fails
// when the API server does not say what that is.
func newScene(ctx context.Context, d Deps) (s *scene, err error) {
	s = &scene{deps: d, dirty: map[string]bool{}, versions: map[string]int{}, painted: map[string]map[string]panelPart{}}
	for _, name := range panels() {
		s.dirty[name] = true
	}
	s.watcher, err = newWatcher(ctx, d, client.NewInformers(frame.From(ctx).API), s.touch)
	return s, err
}

// Follow touches the panels that a change concerns.
func (s *scene) Follow(ctx context.Context, changed func()) error {
	s.changed = changed
	w := s.watcher
	return frame.Together(ctx,
		func(ctx context.Context) error { w.followTrace(ctx); return nil },
		func(ctx context.Context) error { w.meter.run(ctx, s.deps, func() { s.touch("nodes") }); return nil },
		s.sync,
		w.informers.Run,
		w.hope,
	)
}

// sync lets the panels be painted when all is listed.
func (s *scene) sync(ctx context.Context) error {
	if s.watcher.informers.Synced(ctx) != nil {
		return nil // ctx has ended
	}
	s.mu.Lock()
	s.synced = true
	s.mu.Unlock()
	s.changed()
	return nil
}

// touch marks panels to be painted anew.
func (s *scene) touch(names ...string) {
	s.mu.Lock()
	for _, name := range names {
		s.dirty[name] = true
	}
	s.mu.Unlock()
	s.changed()
}
