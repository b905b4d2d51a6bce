package client

import (
	"context"
	"fmt"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// Informers is a set of caches, one for each kind asked for, that follow the
// API server while Run runs.
type Informers struct {
	api Interface

	mu      sync.Mutex
	shared  map[string]cache.SharedIndexInformer
	synced  []cache.DoneChecker             // of the informers and of their handlers
	running func(cache.SharedIndexInformer) // set while Run runs
}

// NewInformers returns an empty set.
func NewInformers(api Interface) *Informers {
	return &Informers{api: api, shared: map[string]cache.SharedIndexInformer{}}
}

// Run follows the API server until ctx is done. Kinds asked for while it runs
// are followed from then on.
func (f *Informers) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	start := func(s cache.SharedIndexInformer) {
		wg.Go(func() { s.RunWithContext(ctx) })
	}
	f.mu.Lock()
	f.running = start
	for _, s := range f.shared {
		start(s)
	}
	f.mu.Unlock()
	<-ctx.Done()
	f.mu.Lock()
	f.running = func(cache.SharedIndexInformer) {}
	f.mu.Unlock()
	wg.Wait()
	return nil
}

// Synced waits until every kind asked for so far has been listed, and all
// handlers added so far have seen the list.
func (f *Informers) Synced(ctx context.Context) error {
	f.mu.Lock()
	synced := slices.Clone(f.synced)
	f.mu.Unlock()
	if !cache.WaitFor(ctx, "", synced...) {
		return fmt.Errorf("wait for informers: %w", ctx.Err())
	}
	return nil
}

func (f *Informers) await(c cache.DoneChecker) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.synced = append(f.synced, c)
}

// An Informer is the cache of one kind.
type Informer[T Object] struct {
	shared cache.SharedIndexInformer
	set    *Informers
}

// InformerFor returns the informer of all objects of type T that the selectors
// in opts admit (LabelSelector and FieldSelector only), in all namespaces.
func InformerFor[T Object](f *Informers, opts metav1.ListOptions) Informer[T] {
	var example T
	return Informer[T]{f.informer(ResourceOf[T](), example, opts), f}
}

// InformerAt returns the informer of a resource whose Go type does not matter.
func InformerAt(f *Informers, gvr schema.GroupVersionResource) Informer[Object] {
	return Informer[Object]{f.informer(gvr, nil, metav1.ListOptions{}), f}
}

// informer returns the one informer for what is asked, making it if need be.
func (f *Informers) informer(gvr schema.GroupVersionResource, example runtime.Object, opts metav1.ListOptions) cache.SharedIndexInformer {
	key := fmt.Sprintf("%s?%s&%s", gvr, opts.LabelSelector, opts.FieldSelector)
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.shared[key]
	if !ok {
		s = newShared(f.api, gvr, example, opts)
		f.shared[key] = s
		f.synced = append(f.synced, s.HasSyncedChecker())
		if f.running != nil {
			f.running(s)
		}
	}
	return s
}

func newShared(api Interface, gvr schema.GroupVersionResource, example runtime.Object, sel metav1.ListOptions) cache.SharedIndexInformer {
	at := Target{GroupVersionResource: gvr}
	lw := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.LabelSelector, o.FieldSelector = sel.LabelSelector, sel.FieldSelector
			return api.List(ctx, at, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.LabelSelector, o.FieldSelector = sel.LabelSelector, sel.FieldSelector
			return api.Watch(ctx, at, o)
		},
	}
	return cache.NewSharedIndexInformer(lw, example, 0, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
}

// Get returns the cached object, or false.
func (i Informer[T]) Get(ns, name string) (T, bool) {
	key := name
	if ns != "" {
		key = ns + "/" + name
	}
	return i.ByKey(key)
}

// ByKey returns the cached object of key "namespace/name" or "name", or false.
func (i Informer[T]) ByKey(key string) (obj T, ok bool) {
	item, ok, err := i.shared.GetIndexer().GetByKey(key)
	if err != nil || !ok {
		return obj, false
	}
	return item.(T), true
}

// List returns the cached objects in ns, or everywhere if ns is empty, whose
// labels sel matches; a nil sel matches all.
func (i Informer[T]) List(ns string, sel labels.Selector) []T {
	if ns == "" {
		return pick[T](i.shared.GetIndexer().List(), sel)
	}
	return pick[T](i.mustIndex(cache.NamespaceIndex, ns), sel)
}

// AddIndex makes Indexed(name, value) find objects by the values that of gives
// them. It must be called before objects arrive.
func (i Informer[T]) AddIndex(name string, of func(T) []string) error {
	if _, ok := i.shared.GetIndexer().GetIndexers()[name]; ok {
		return nil
	}
	return i.shared.AddIndexers(cache.Indexers{name: func(obj any) ([]string, error) { return of(obj.(T)), nil }})
}

// Indexed returns the cached objects that have value in the index of that name.
func (i Informer[T]) Indexed(name, value string) []T { return pick[T](i.mustIndex(name, value), nil) }

func (i Informer[T]) mustIndex(name, value string) []any {
	items, err := i.shared.GetIndexer().ByIndex(name, value)
	if err != nil {
		panic(err) // the index was never added: a mistake in our code
	}
	return items
}

func pick[T Object](items []any, sel labels.Selector) []T {
	out := make([]T, 0, len(items))
	for _, item := range items {
		if obj := item.(T); sel == nil || sel.Matches(labels.Set(obj.GetLabels())) {
			out = append(out, obj)
		}
	}
	return out
}

// A Handler is told of each change; fields may be nil. It must not block.
type Handler[T Object] struct {
	Add    func(obj T)
	Update func(old, obj T)
	Delete func(obj T) // the last state known
}

// OnChange calls h for each object there is and for each change from now on, in
// order. The returned function reports whether h has seen the first list.
func (i Informer[T]) OnChange(h Handler[T]) (synced func() bool, err error) {
	reg, err := i.shared.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(obj any) {
			if h.Add != nil {
				h.Add(obj.(T))
			}
		},
		UpdateFunc: func(old, obj any) {
			if h.Update != nil {
				h.Update(old.(T), obj.(T))
			}
		},
		DeleteFunc: func(obj any) {
			if gone, ok := obj.(cache.DeletedFinalStateUnknown); ok {
				obj = gone.Obj
			}
			if t, ok := obj.(T); ok && h.Delete != nil {
				h.Delete(t)
			}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("add handler: %w", err)
	}
	i.set.await(reg.HasSyncedChecker())
	return reg.HasSynced, nil
}

// HasSynced reports whether the kind has been listed.
func (i Informer[T]) HasSynced() bool { return i.shared.HasSynced() }
