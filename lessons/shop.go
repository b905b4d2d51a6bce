package lessons

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"

	"kubergarten/engine/client"
)

// A shop holds the objects of one resource as CEL reads them.
type shop struct {
	kind kind
	at   client.Target
	only string // the name of the one object wanted, or empty

	mu     sync.Mutex
	items  map[string]any // by name; with namespace where there are several
	listed bool
}

func newShop(k kind, namespace, only string) *shop {
	at := client.Target{GroupVersionResource: k.gvr()}
	if k.namespaced {
		at.Namespace = namespace
	}
	return &shop{kind: k, at: at, only: only, items: map[string]any{}}
}

// list returns the objects in the order of their names, and whether all are there.
func (s *shop) list() ([]any, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]any, 0, len(s.items))
	for _, key := range slices.Sorted(maps.Keys(s.items)) {
		out = append(out, s.items[key])
	}
	return out, s.listed
}

func (s *shop) options() metav1.ListOptions {
	if s.only == "" {
		return metav1.ListOptions{}
	}
	return metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", s.only).String()}
}

// follow keeps a shop as the API server has it, until the watcher ends.
func (w *watcher) follow(s *shop) {
	delay := breath
	for w.ctx.Err() == nil {
		began := w.clock.Now()
		err := w.listAndWatch(s)
		if w.ctx.Err() != nil {
			return
		}
		if s.only != "" && apierrors.IsForbidden(err) {
			s.assume() // who may not see it may still work in it
			w.seen()
			return
		}
		w.t.trouble(w, s.kind.resource, err)
		if w.clock.Since(began) > time.Minute {
			delay = breath
		}
		w.wait(delay)
		delay = min(2*delay, 10*time.Second)
	}
}

func (w *watcher) wait(d time.Duration) {
	t := w.clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-w.ctx.Done():
	case <-t.C():
	}
}

// listAndWatch fills the shop and follows until the watch ends.
func (w *watcher) listAndWatch(s *shop) error {
	opts := s.options()
	list, err := w.api.List(w.ctx, s.at, opts)
	if err != nil {
		return err
	}
	if opts.ResourceVersion, err = s.fill(list); err != nil {
		return err
	}
	w.t.trouble(w, s.kind.resource, nil)
	w.seen()
	changes, err := w.api.Watch(w.ctx, s.at, opts)
	if err != nil {
		return err
	}
	defer changes.Stop()
	return w.take(w.ctx, s, changes.ResultChan())
}

func (w *watcher) take(ctx context.Context, s *shop, changes <-chan watch.Event) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case ev, ok := <-changes:
			if !ok {
				return nil
			}
			if ev.Type == watch.Error {
				return apierrors.FromObject(ev.Object)
			}
			if ev.Type != watch.Bookmark {
				s.take(ev)
				w.seen()
			}
		}
	}
}

// fill replaces the shop's objects by a list and returns its revision.
func (s *shop) fill(list runtime.Object) (revision string, err error) {
	items := map[string]any{}
	err = meta.EachListItem(list, func(obj runtime.Object) error {
		key, value, err := plainObject(obj)
		items[key] = value
		return err
	})
	if err != nil {
		return "", err
	}
	m, err := meta.ListAccessor(list)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items, s.listed = items, true
	return m.GetResourceVersion(), nil
}

// assume takes the one object wanted for there.
func (s *shop) assume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[s.only], s.listed = map[string]any{}, true
}

func (s *shop) take(ev watch.Event) {
	key, value, err := plainObject(ev.Object)
	if err != nil {
		return // no object: nothing to see
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ev.Type == watch.Deleted {
		delete(s.items, key)
	} else {
		s.items[key] = value
	}
}

// plainObject turns an object into maps and lists, as CEL reads them.
func plainObject(obj runtime.Object) (key string, value map[string]any, err error) {
	if value, err = runtime.DefaultUnstructuredConverter.ToUnstructured(obj); err != nil {
		return "", nil, err
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return "", nil, err
	}
	if md, ok := value["metadata"].(map[string]any); ok {
		delete(md, "managedFields")
	}
	return m.GetNamespace() + "/" + m.GetName(), value, nil
}
