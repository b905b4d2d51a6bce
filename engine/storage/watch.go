package storage

// Upstream: k8s.io/apiserver/pkg/storage/cacher/cacher.go, cache_watcher.go

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/storage"

	"kubergarten/engine/etcd"
)

// bookmarkPeriod is upstream's.
const bookmarkPeriod = time.Minute

// wireKey marks the contexts of ForWire.
type wireKey struct{}

// ForWire makes watches under the returned context send objects that implement
// runtime.CacheableObject: encoded once for all who send them over a wire.
func ForWire(ctx context.Context) context.Context {
	return context.WithValue(ctx, wireKey{}, true)
}

// A watcher is one watch of one reader. It is a cursor: what its reader has not
// taken yet lies in the cache, or in etcd's history, not with the watcher.
type watcher struct {
	s         *Store
	dir       string // what the keys it is interested in begin with
	sel       selection
	wire      bool
	bookmarks bool
	cursor    int64 // it has sent all up to this revision
	initial   []*item
	endMark   bool // a bookmark must end the initial events
	out       chan watch.Event
	cancel    context.CancelFunc
}

var _ watch.Interface = (*watcher)(nil)

// Watch sends what happens in ns (empty: everywhere) until ctx is done or the
// watch is stopped. Without resourceVersion, or with "0", or if initial events
// are asked for, it begins with the objects that there are.
func (s *Store) Watch(ctx context.Context, ns string, opts *ListOptions) (watch.Interface, error) {
	if opts == nil {
		opts = &ListOptions{}
	}
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	w := &watcher{s: s, dir: s.dir(ns), sel: opts.selection(), bookmarks: opts.AllowBookmarks, out: make(chan watch.Event, 16)}
	w.wire, _ = ctx.Value(wireKey{}).(bool)
	if err := w.begin(ctx, opts); err != nil {
		return nil, err
	}
	ctx, w.cancel = context.WithCancel(ctx)
	go w.run(ctx)
	return w, nil
}

// wait returns when there is a cache to watch.
func (s *Store) wait(ctx context.Context) error {
	select {
	case <-s.ready:
		return nil
	case <-s.stopped:
		return interpretGet(storage.NewUnreachableError(s.prefix, 0), s.cfg.Resource, "")
	case <-ctx.Done():
		return timedOut(ctx.Err())
	}
}

// begin sets the cursor, and reads the initial objects if they are wanted.
func (w *watcher) begin(ctx context.Context, opts *ListOptions) error {
	rv, err := w.s.versioner.ParseResourceVersion(opts.ResourceVersion)
	if err != nil {
		return invalidVersion(err)
	}
	send := opts.SendInitialEvents
	w.endMark = send != nil && *send && opts.AllowBookmarks
	if send != nil && !*send && rv == 0 {
		w.cursor, err = w.s.cfg.KV.Rev(ctx)
		return w.s.interpretList(err, false, "", w.dir, 0, 0)
	}
	if rv != 0 && (send == nil || !*send) {
		w.cursor = int64(rv)
		return nil
	}
	return w.snapshot(ctx, opts.ResourceVersion)
}

// snapshot reads the objects there are, not older than resourceVersion.
func (w *watcher) snapshot(ctx context.Context, resourceVersion string) error {
	resp, err := w.s.cfg.KV.Range(ctx, etcd.RangeRequest{Prefix: w.dir})
	if err != nil {
		return w.s.interpretList(err, false, "", w.dir, 0, 0)
	}
	if err := w.s.atLeast(resourceVersion, resp.Revision); err != nil {
		return err
	}
	for _, kv := range resp.KVs {
		if it := w.s.decoded(kv); it != nil && w.s.matches(it, w.sel) {
			w.initial = append(w.initial, it)
		}
	}
	w.cursor = resp.Revision
	return nil
}

// ResultChan implements watch.Interface.
func (w *watcher) ResultChan() <-chan watch.Event { return w.out }

// Stop implements watch.Interface.
func (w *watcher) Stop() { w.cancel() }

// run is the watcher's goroutine; it ends with ctx, and with the Store.
func (w *watcher) run(ctx context.Context) {
	defer close(w.out)
	defer w.cancel()
	if err := w.stream(ctx); err != nil && ctx.Err() == nil {
		w.push(ctx, watch.Event{Type: watch.Error, Object: statusOf(err)})
	}
}

// stream sends events as they come. When a bookmark is due, it first asks etcd how
// far it is; the bookmark then follows all events up to there.
func (w *watcher) stream(ctx context.Context) error {
	if !w.begun(ctx) {
		return nil
	}
	timer := w.s.cfg.Clock.NewTimer(bookmarkPeriod)
	defer timer.Stop()
	if !w.bookmarks {
		timer.Stop()
	}
	for due := false; ; {
		changed, err := w.catchUp(ctx)
		if err != nil || ctx.Err() != nil || due && !w.bookmark(ctx, false) {
			return err
		}
		due = false
		select {
		case <-changed:
		case <-timer.C():
			due = true
			timer.Reset(bookmarkPeriod)
			w.s.cache.progress()
			w.await(ctx, changed)
		case <-w.s.stopped:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// catchUp sends all there is, and returns what is closed when there is more.
func (w *watcher) catchUp(ctx context.Context) (changed <-chan struct{}, err error) {
	for {
		events, upTo, changed, ok := w.s.cache.since(w.cursor)
		if !ok {
			if err := w.replay(ctx); err != nil {
				return nil, err
			}
			continue
		}
		for _, e := range events {
			if !w.send(ctx, e) {
				return nil, ctx.Err()
			}
		}
		w.cursor = max(w.cursor, upTo)
		return changed, nil
	}
}

// await waits for changed: the answer to progress, or something better.
func (w *watcher) await(ctx context.Context, changed <-chan struct{}) {
	select {
	case <-changed:
	case <-w.s.stopped:
	case <-ctx.Done():
	}
}

// begun sends the initial objects, and the bookmark after them.
func (w *watcher) begun(ctx context.Context) bool {
	for _, it := range w.initial {
		if !w.push(ctx, watch.Event{Type: watch.Added, Object: w.form(it)}) {
			return false
		}
	}
	w.initial = nil
	return !w.endMark || w.bookmark(ctx, true)
}
