package registry

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
)

// twinREST serves a resource that is stored as another: events.k8s.io/v1 Event,
// which lies in etcd as core/v1 Event.
type twinREST struct {
	*Store // of the stored kind
	shown  api.Resource
}

var _ rest.StandardStorage = twinREST{}

// New returns an empty object of the kind that is shown.
func (t twinREST) New() runtime.Object { return t.shown.New() }

// NewList returns an empty list of the kind that is shown.
func (t twinREST) NewList() runtime.Object { return t.shown.NewList() }

// in returns obj as it is stored.
func (t twinREST) in(obj runtime.Object) (runtime.Object, error) {
	return api.Convert(obj.DeepCopyObject(), t.resource.GVK().GroupVersion())
}

// out returns obj as it is shown. A list or object that is stored so shares
// nothing that changes with what comes out.
func (t twinREST) out(obj runtime.Object, err error) (runtime.Object, error) {
	if err != nil || obj == nil {
		return nil, err
	}
	if _, ok := obj.(*metav1.Status); ok {
		return obj, nil
	}
	shown, err := api.Convert(obj, t.shown.GVK().GroupVersion())
	if err != nil || !meta.IsListType(shown) {
		return shown, err
	}
	return shown, meta.EachListItem(shown, func(item runtime.Object) error {
		item.GetObjectKind().SetGroupVersionKind(t.shown.GVK().GroupKind().WithVersion(""))
		return nil
	})
}

// Create stores obj as its twin.
func (t twinREST) Create(ctx context.Context, obj runtime.Object, validate rest.ValidateObjectFunc, opts *metav1.CreateOptions) (runtime.Object, error) {
	in, err := t.in(obj)
	if err != nil {
		return nil, err
	}
	return t.out(t.Store.Create(ctx, in, t.validating(validate), opts))
}

// validating shows admission the object as it was sent.
func (t twinREST) validating(validate rest.ValidateObjectFunc) rest.ValidateObjectFunc {
	if validate == nil {
		return nil
	}
	return func(ctx context.Context, obj runtime.Object) error {
		shown, err := t.out(obj, nil)
		if err != nil {
			return err
		}
		return validate(ctx, shown)
	}
}

// Get returns one object.
func (t twinREST) Get(ctx context.Context, name string, opts *metav1.GetOptions) (runtime.Object, error) {
	return t.out(t.Store.Get(ctx, name, opts))
}

// List returns what opts selects.
func (t twinREST) List(ctx context.Context, opts *internalversion.ListOptions) (runtime.Object, error) {
	return t.out(t.Store.List(ctx, opts))
}

// Update changes the object by its twin.
func (t twinREST) Update(ctx context.Context, name string, info rest.UpdatedObjectInfo, validateCreate rest.ValidateObjectFunc, validate rest.ValidateObjectUpdateFunc, mayCreate bool, opts *metav1.UpdateOptions) (runtime.Object, bool, error) {
	if v := validate; v != nil {
		validate = func(ctx context.Context, obj, old runtime.Object) error {
			shown, err := t.out(obj, nil)
			if err != nil {
				return err
			}
			was, err := t.out(old, nil)
			if err != nil {
				return err
			}
			return v(ctx, shown, was)
		}
	}
	out, created, err := t.Store.Update(ctx, name, twinInfo{info, t}, t.validating(validateCreate), validate, mayCreate, opts)
	out, err = t.out(out, err)
	return out, created, err
}

// Delete removes one object.
func (t twinREST) Delete(ctx context.Context, name string, validate rest.ValidateObjectFunc, opts *metav1.DeleteOptions) (runtime.Object, bool, error) {
	out, gone, err := t.Store.Delete(ctx, name, t.validating(validate), opts)
	out, err = t.out(out, err)
	return out, gone, err
}

// DeleteCollection removes what list selects.
func (t twinREST) DeleteCollection(ctx context.Context, validate rest.ValidateObjectFunc, opts *metav1.DeleteOptions, list *internalversion.ListOptions) (runtime.Object, error) {
	return t.out(t.Store.DeleteCollection(ctx, t.validating(validate), opts, list))
}

// Watch sends what happens to what opts selects.
func (t twinREST) Watch(ctx context.Context, opts *internalversion.ListOptions) (watch.Interface, error) {
	w, err := t.Store.Watch(ctx, opts)
	if err != nil {
		return nil, err
	}
	return watch.Filter(w, t.event), nil
}

// event shows the object of e, which may be one that encodes itself only once.
func (t twinREST) event(e watch.Event) (watch.Event, bool) {
	if e.Type == watch.Error {
		return e, true
	}
	if c, ok := e.Object.(runtime.CacheableObject); ok {
		e.Object = c.GetObject()
	}
	shown, err := t.out(e.Object, nil)
	if err != nil {
		return e, false
	}
	e.Object = shown
	return e, true
}

// twinInfo makes the new stored object by way of the shown one.
type twinInfo struct {
	rest.UpdatedObjectInfo
	t twinREST
}

// UpdatedObject returns what the client makes of current, as it is stored.
func (i twinInfo) UpdatedObject(ctx context.Context, current runtime.Object) (runtime.Object, error) {
	shown, err := i.t.out(current, nil)
	if err != nil {
		return nil, err
	}
	obj, err := i.UpdatedObjectInfo.UpdatedObject(ctx, shown)
	if err != nil {
		return nil, err
	}
	return i.t.in(obj)
}
