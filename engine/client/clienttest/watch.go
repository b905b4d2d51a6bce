package clienttest

import (
	"context"
	"strconv"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"

	"kubergarten/engine/client"
)

// watcher holds what its client has not yet read, however much that is.
type watcher struct {
	gvr   schema.GroupVersionResource
	match func(client.Object) bool
	out   chan watch.Event
	stop  func()

	mu      sync.Mutex
	pending []watch.Event
	wake    chan struct{} // of capacity 1
}

var _ watch.Interface = (*watcher)(nil)

// Watch implements client.Interface.
func (a *API) Watch(ctx context.Context, at client.Target, opts metav1.ListOptions) (watch.Interface, error) {
	if err := a.called(ctx, "watch", at, nil); err != nil {
		return nil, err
	}
	match, err := matcher(at, opts)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &watcher{gvr: at.GroupVersionResource, match: match, out: make(chan watch.Event), stop: cancel, wake: make(chan struct{}, 1)}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.begin(w, opts); err != nil {
		cancel()
		return nil, err
	}
	a.watches[w] = struct{}{}
	go func() {
		w.run(ctx)
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.watches, w)
	}()
	return w, nil
}

// begin sends what happened since the revision asked for, or all there is. mu is held.
func (a *API) begin(w *watcher, opts metav1.ListOptions) error {
	initial := opts.SendInitialEvents != nil && *opts.SendInitialEvents
	if rv := opts.ResourceVersion; rv != "" && rv != "0" && !initial {
		from, err := strconv.ParseInt(rv, 10, 64)
		if err != nil {
			return apierrors.NewBadRequest("invalid resource version " + rv)
		}
		for _, c := range a.log {
			if c.rev > from {
				w.see(c)
			}
		}
		return nil
	}
	for _, o := range a.sorted(w.gvr, w.match) {
		w.put(watch.Event{Type: watch.Added, Object: o})
	}
	if initial && opts.AllowWatchBookmarks {
		return w.bookmark(a.rev)
	}
	return nil
}

// bookmark ends the initial events.
func (w *watcher) bookmark(rev int64) error {
	list, err := newList(w.gvr)
	if err != nil {
		return err
	}
	gvk, _ := kindOf(list)
	gvk.Kind = gvk.Kind[:len(gvk.Kind)-len("List")]
	obj, err := scheme.Scheme.New(gvk)
	if err != nil {
		return err
	}
	o := obj.(client.Object)
	o.SetResourceVersion(strconv.FormatInt(rev, 10))
	o.SetAnnotations(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
	w.put(watch.Event{Type: watch.Bookmark, Object: o})
	return nil
}

// see turns a change into what a client with this selector sees of it.
func (w *watcher) see(c change) {
	if c.gvr != w.gvr {
		return
	}
	was, is := c.old != nil && w.match(c.old), w.match(c.obj)
	switch {
	case c.typ == watch.Deleted && is, is && was:
		w.put(watch.Event{Type: c.typ, Object: c.obj})
	case c.typ == watch.Deleted:
	case is:
		w.put(watch.Event{Type: watch.Added, Object: c.obj})
	case was:
		gone := c.old.DeepCopyObject().(client.Object)
		gone.SetResourceVersion(c.obj.GetResourceVersion())
		w.put(watch.Event{Type: watch.Deleted, Object: gone})
	}
}

func (w *watcher) put(e watch.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending = append(w.pending, e)
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *watcher) run(ctx context.Context) {
	defer close(w.out)
	for {
		w.mu.Lock()
		batch := w.pending
		w.pending = nil
		w.mu.Unlock()
		for _, e := range batch {
			select {
			case w.out <- e:
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-w.wake:
		case <-ctx.Done():
			return
		}
	}
}

func (w *watcher) Stop()                          { w.stop() }
func (w *watcher) ResultChan() <-chan watch.Event { return w.out }

// EndWatches ends every watch, as a server that stops does; clients watch anew.
func (a *API) EndWatches() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for w := range a.watches {
		w.stop()
	}
}
