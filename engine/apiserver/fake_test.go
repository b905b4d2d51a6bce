package apiserver

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metainternalversion "k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/apimachinery/pkg/watch"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/util/dryrun"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"kubergarten/engine/api"
)

// fakeRegistry keeps every stored resource of the API in memory, without rules.
type fakeRegistry struct {
	mu     sync.Mutex
	rev    int64
	stores map[schema.GroupVersionResource]*fakeStore
}

func newFakeRegistry() *fakeRegistry {
	f := &fakeRegistry{stores: map[schema.GroupVersionResource]*fakeStore{}}
	for _, r := range api.Resources() {
		if r.Prefix != "" {
			f.stores[r.GVR()] = &fakeStore{reg: f, res: r, objects: map[string]runtime.Object{}, watches: map[*fakeWatch]bool{}}
		}
	}
	return f
}

func (f *fakeRegistry) Storage(gvr schema.GroupVersionResource, sub string) (rest.Storage, bool) {
	st, ok := f.stores[gvr]
	switch {
	case !ok:
		return nil, false
	case sub == "":
		return st, true
	case sub == "status":
		return fakeStatus{st}, true
	}
	return nil, false
}

type fakeStore struct {
	reg     *fakeRegistry
	res     api.Resource
	objects map[string]runtime.Object
	watches map[*fakeWatch]bool
}

type fakeStatus struct{ *fakeStore }

// GetResetFields makes apply through status leave the spec alone.
func (fakeStatus) GetResetFields() map[fieldpath.APIVersion]*fieldpath.Set {
	return map[fieldpath.APIVersion]*fieldpath.Set{"v1": fieldpath.NewSet(fieldpath.MakePathOrDie("spec"))}
}

func (s *fakeStore) New() runtime.Object     { return s.res.New() }
func (s *fakeStore) NewList() runtime.Object { return s.res.NewList() }
func (s *fakeStore) Destroy()                {}
func (s *fakeStore) NamespaceScoped() bool   { return s.res.Namespaced }

func (s *fakeStore) ConvertToTable(ctx context.Context, obj, opts runtime.Object) (*metav1.Table, error) {
	return api.Table(ctx, obj, opts)
}

func (s *fakeStore) key(ctx context.Context, name string) string {
	if s.res.Namespaced {
		return genericrequest.NamespaceValue(ctx) + "/" + name
	}
	return name
}

func (s *fakeStore) find(ctx context.Context, name string) (runtime.Object, error) {
	if obj, ok := s.objects[s.key(ctx, name)]; ok {
		return obj, nil
	}
	return nil, apierrors.NewNotFound(s.res.GroupResource(), name)
}

func (s *fakeStore) Get(ctx context.Context, name string, _ *metav1.GetOptions) (runtime.Object, error) {
	if name == "panic" {
		panic("a bug")
	}
	s.reg.mu.Lock()
	defer s.reg.mu.Unlock()
	return s.find(ctx, name)
}

func (s *fakeStore) Create(ctx context.Context, obj runtime.Object, validate rest.ValidateObjectFunc, opts *metav1.CreateOptions) (runtime.Object, error) {
	m, _ := meta.Accessor(obj)
	if m.GetName() == "" {
		m.SetName(m.GetGenerateName() + rand.String(5))
	}
	m.SetUID(uuid.NewUUID())
	m.SetCreationTimestamp(metav1.Unix(1700000000, 0))
	if err := validate(ctx, obj.DeepCopyObject()); err != nil {
		return nil, err
	}
	s.reg.mu.Lock()
	defer s.reg.mu.Unlock()
	if _, err := s.find(ctx, m.GetName()); err == nil {
		return nil, apierrors.NewAlreadyExists(s.res.GroupResource(), m.GetName())
	}
	if !dryrun.IsDryRun(opts.DryRun) {
		s.put(ctx, watch.Added, m, obj)
	}
	return obj, nil
}

// put stores obj and tells the watches. reg.mu is held.
func (s *fakeStore) put(ctx context.Context, t watch.EventType, m metav1.Object, obj runtime.Object) {
	s.reg.rev++
	m.SetResourceVersion(strconv.FormatInt(s.reg.rev, 10))
	s.objects[s.key(ctx, m.GetName())] = obj
	s.tell(watch.Event{Type: t, Object: obj})
}

func (s *fakeStore) tell(e watch.Event) {
	for w := range s.watches {
		if w.matches(e.Object) {
			w.ch <- e
		}
	}
}

func (s *fakeStore) Update(ctx context.Context, name string, info rest.UpdatedObjectInfo, create rest.ValidateObjectFunc, update rest.ValidateObjectUpdateFunc, mayCreate bool, opts *metav1.UpdateOptions) (runtime.Object, bool, error) {
	s.reg.mu.Lock()
	old, err := s.find(ctx, name)
	s.reg.mu.Unlock()
	if err != nil && !mayCreate {
		return nil, false, err
	} else if err != nil {
		obj, err := info.UpdatedObject(ctx, s.New())
		if err != nil {
			return nil, false, err
		}
		out, err := s.Create(ctx, obj, create, &metav1.CreateOptions{DryRun: opts.DryRun})
		return out, true, err
	}
	obj, err := info.UpdatedObject(ctx, old)
	if err != nil {
		return nil, false, err
	}
	m, _ := meta.Accessor(obj)
	was, _ := meta.Accessor(old)
	if rv := m.GetResourceVersion(); rv != "" && rv != was.GetResourceVersion() {
		return nil, false, apierrors.NewConflict(s.res.GroupResource(), name, fmt.Errorf("the object has been modified; please apply your changes to the latest version and try again"))
	}
	m.SetUID(was.GetUID())
	m.SetCreationTimestamp(was.GetCreationTimestamp())
	m.SetResourceVersion(was.GetResourceVersion())
	obj.GetObjectKind().SetGroupVersionKind(old.GetObjectKind().GroupVersionKind())
	if err := update(ctx, obj.DeepCopyObject(), old); err != nil {
		return nil, false, err
	}
	if apiequality.Semantic.DeepEqual(old, obj) {
		return old, false, nil
	}
	s.reg.mu.Lock()
	defer s.reg.mu.Unlock()
	if !dryrun.IsDryRun(opts.DryRun) {
		s.put(ctx, watch.Modified, m, obj)
	}
	return obj, false, nil
}

func (s *fakeStore) Delete(ctx context.Context, name string, validate rest.ValidateObjectFunc, opts *metav1.DeleteOptions) (runtime.Object, bool, error) {
	s.reg.mu.Lock()
	defer s.reg.mu.Unlock()
	obj, err := s.find(ctx, name)
	if err != nil {
		return nil, false, err
	}
	m, _ := meta.Accessor(obj)
	if p := opts.Preconditions; p != nil && p.UID != nil && *p.UID != m.GetUID() {
		return nil, false, apierrors.NewConflict(s.res.GroupResource(), name, fmt.Errorf("Precondition failed: UID in precondition: %v, UID in object meta: %v", *p.UID, m.GetUID()))
	}
	if err := validate(ctx, obj); err != nil || dryrun.IsDryRun(opts.DryRun) {
		return obj, true, err
	}
	delete(s.objects, s.key(ctx, name))
	s.reg.rev++
	s.tell(watch.Event{Type: watch.Deleted, Object: obj})
	return nil, true, nil
}

func (s *fakeStore) DeleteCollection(ctx context.Context, validate rest.ValidateObjectFunc, opts *metav1.DeleteOptions, list *metainternalversion.ListOptions) (runtime.Object, error) {
	found, _ := s.List(ctx, list)
	items, _ := meta.ExtractList(found)
	for _, item := range items {
		m, _ := meta.Accessor(item)
		if _, _, err := s.Delete(ctx, m.GetName(), validate, opts); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (s *fakeStore) List(ctx context.Context, opts *metainternalversion.ListOptions) (runtime.Object, error) {
	s.reg.mu.Lock()
	defer s.reg.mu.Unlock()
	w := s.selection(ctx, opts)
	var items []runtime.Object
	for _, k := range slices.Sorted(maps.Keys(s.objects)) {
		if w.matches(s.objects[k]) {
			items = append(items, s.objects[k])
		}
	}
	list := s.NewList()
	_ = meta.SetList(list, items)
	m, _ := meta.ListAccessor(list)
	m.SetResourceVersion(strconv.FormatInt(s.reg.rev, 10))
	return list, nil
}

func (s *fakeStore) selection(ctx context.Context, opts *metainternalversion.ListOptions) *fakeWatch {
	return &fakeWatch{store: s, ns: genericrequest.NamespaceValue(ctx), label: opts.LabelSelector, field: opts.FieldSelector, ch: make(chan watch.Event, 100)}
}

func (s *fakeStore) Watch(ctx context.Context, opts *metainternalversion.ListOptions) (watch.Interface, error) {
	list, _ := s.List(ctx, opts)
	s.reg.mu.Lock()
	defer s.reg.mu.Unlock()
	w := s.selection(ctx, opts)
	if opts.ResourceVersion == "" || opts.SendInitialEvents != nil {
		items, _ := meta.ExtractList(list)
		for _, obj := range items {
			w.ch <- watch.Event{Type: watch.Added, Object: obj}
		}
	}
	s.watches[w] = true
	return w, nil
}

// fakeWatch is also a selection.
type fakeWatch struct {
	store *fakeStore
	ns    string
	label labels.Selector
	field fields.Selector
	ch    chan watch.Event
	once  sync.Once
}

func (w *fakeWatch) matches(obj runtime.Object) bool {
	m, _ := meta.Accessor(obj)
	l, f, _ := w.store.res.Attrs(obj)
	return (w.ns == "" || !w.store.res.Namespaced || m.GetNamespace() == w.ns) &&
		(w.label == nil || w.label.Matches(l)) && (w.field == nil || w.field.Matches(f))
}

func (w *fakeWatch) ResultChan() <-chan watch.Event { return w.ch }

func (w *fakeWatch) Stop() {
	w.once.Do(func() {
		w.store.reg.mu.Lock()
		defer w.store.reg.mu.Unlock()
		delete(w.store.watches, w)
		close(w.ch)
	})
}

// makePod is a valid pod.
func makePod(ns, name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name},
		Spec:       corev1.PodSpec{NodeName: "node-1", Containers: []corev1.Container{{Name: "c", Image: "busybox"}}},
	}
}
