package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/get.go

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metainternalversion "k8s.io/apimachinery/pkg/apis/meta/internalversion"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
)

// get returns the object of the request's name.
func (q *request) get(ctx context.Context, opts *metav1.GetOptions) (runtime.Object, error) {
	st, ok := q.storage.(rest.Getter)
	if !ok {
		return nil, apierrors.NewMethodNotSupported(q.gvr.GroupResource(), "get")
	}
	return st.Get(q.context(ctx), q.name, opts)
}

// list returns the objects that opts select.
func (q *request) list(ctx context.Context, opts *metainternalversion.ListOptions) (runtime.Object, error) {
	st, ok := q.storage.(rest.Lister)
	if !ok {
		return nil, apierrors.NewMethodNotSupported(q.gvr.GroupResource(), "list")
	}
	if err := q.selectable(opts); err != nil {
		return nil, err
	}
	return st.List(q.context(ctx), opts)
}

// watch sends what happens to the objects that opts select, until ctx is done
// or the watch is stopped.
func (q *request) watch(ctx context.Context, opts *metainternalversion.ListOptions) (watch.Interface, error) {
	st, ok := q.storage.(rest.Watcher)
	if !ok {
		return nil, apierrors.NewMethodNotSupported(q.gvr.GroupResource(), "watch")
	}
	if err := q.selectable(opts); err != nil {
		return nil, err
	}
	return st.Watch(q.context(ctx), opts)
}

// selectable sets the defaults of opts, checks them, and translates the field
// selector; the request's name, if any, becomes part of it.
func (q *request) selectable(opts *metainternalversion.ListOptions) error {
	metainternalversion.SetListOptionsDefaults(opts, true)
	if err := invalidOptions("ListOptions", validation.ValidateListOptions(opts, true)); err != nil {
		return err
	}
	if opts.FieldSelector != nil {
		sel, err := opts.FieldSelector.Transform(func(label, value string) (string, string, error) {
			return api.Scheme().ConvertFieldLabel(q.kind, label, value)
		})
		if err != nil {
			return apierrors.NewBadRequest(err.Error())
		}
		opts.FieldSelector = sel
	}
	return q.selectName(opts)
}

func (q *request) selectName(opts *metainternalversion.ListOptions) error {
	if q.name == "" {
		return nil
	}
	if opts.FieldSelector == nil || opts.FieldSelector.Empty() {
		opts.FieldSelector = fields.OneTermEqualSelector("metadata.name", q.name)
		return nil
	}
	if name, ok := opts.FieldSelector.RequiresExactMatch("metadata.name"); !ok || name != q.name {
		return apierrors.NewBadRequest("fieldSelector metadata.name doesn't match requested name")
	}
	return nil
}
