package storage

// Upstream: k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go

import (
	"context"
	"errors"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/storage"

	"kubergarten/engine/etcd"
)

// replay sends what the cache no longer has, from etcd's history, until the cache
// can take over.
func (w *watcher) replay(ctx context.Context) error {
	old, err := w.s.cfg.KV.Watch(ctx, w.dir, w.cursor+1)
	if err != nil {
		return w.tooOld(err)
	}
	defer old.Close()
	for {
		r, err := old.Next(ctx)
		if err != nil {
			return w.tooOld(err)
		}
		for _, e := range r.Events {
			if !w.send(ctx, w.s.event(e)) {
				return ctx.Err()
			}
		}
		w.cursor = r.Revision
		if _, _, _, ok := w.s.cache.since(w.cursor); ok {
			return nil
		}
	}
}

func (w *watcher) tooOld(err error) error {
	if errors.Is(err, etcd.ErrCompacted) {
		return tooOld(w.cursor, w.s.cache.oldest())
	}
	return interpretGet(unreachable(err, w.dir), w.s.cfg.Resource, "")
}

// send sends what e means to this watcher, and moves the cursor.
func (w *watcher) send(ctx context.Context, e *event) bool {
	if e.rev <= w.cursor {
		return true
	}
	if out, ok := w.convert(e); ok && !w.push(ctx, out) {
		return false
	}
	w.cursor = e.rev
	return true
}

// convert says what e is for one who sees only what the selectors admit: an
// object that moves in is added, one that moves out is deleted.
func (w *watcher) convert(e *event) (watch.Event, bool) {
	if !strings.HasPrefix(e.key, w.dir) {
		return watch.Event{}, false
	}
	is := e.item != nil && w.s.matches(e.item, w.sel)
	was := e.prev != nil && w.s.matches(e.prev, w.sel)
	switch {
	case is && was:
		return watch.Event{Type: watch.Modified, Object: w.form(e.item)}, true
	case is:
		return watch.Event{Type: watch.Added, Object: w.form(e.item)}, true
	case was:
		return watch.Event{Type: watch.Deleted, Object: w.form(e.left(w.s))}, true
	}
	return watch.Event{}, false
}

// form is the object as the reader wants it.
func (w *watcher) form(it *item) runtime.Object {
	if w.wire {
		return it
	}
	return it.obj
}

// bookmark tells the reader how far it is.
func (w *watcher) bookmark(ctx context.Context, endsInitial bool) bool {
	obj := w.s.cfg.NewFunc()
	err := w.s.versioner.UpdateObject(obj, uint64(w.cursor))
	if err == nil && endsInitial {
		err = storage.AnnotateInitialEventsEndBookmark(obj)
	}
	if err != nil {
		return w.push(ctx, watch.Event{Type: watch.Error, Object: statusOf(apierrors.NewInternalError(err))}) && false
	}
	return w.push(ctx, watch.Event{Type: watch.Bookmark, Object: obj})
}

// push waits until the reader takes e, or there is room for it.
func (w *watcher) push(ctx context.Context, e watch.Event) bool {
	select {
	case w.out <- e:
		return true
	case <-w.s.stopped:
		return false
	case <-ctx.Done():
		return false
	}
}
