package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/create.go

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
	"kubergarten/engine/trace"
)

// create stores obj, which is decoded, defaulted and the request's own.
func (q *request) create(ctx context.Context, obj runtime.Object, opts *metav1.CreateOptions) (runtime.Object, error) {
	if err := invalidOptions("CreateOptions", validation.ValidateCreateOptions(opts)); err != nil {
		return nil, err
	}
	opts.TypeMeta.SetGroupVersionKind(metav1.SchemeGroupVersion.WithKind("CreateOptions"))
	q.nameFrom(obj)
	ctx = q.context(ctx)
	if err := q.prepare(obj); err != nil {
		return nil, err
	}
	q.step(trace.Decoded, obj, "")
	dedupOwners(ctx, obj, false)
	if _, ok := q.storage.(rest.Getter); ok { // deeds and reviews are not kept, and have no fields to manage
		obj = q.fields().UpdateNoErrors(q.storage.New(), obj, q.fieldManager(opts.FieldManager))
	}
	a := q.change(admission.Create, obj, nil, opts, opts.DryRun)
	if err := q.mutate(ctx, a); err != nil {
		return nil, err
	}
	dedupOwners(ctx, obj, true)
	out, err := q.post(ctx, obj, q.traced(rest.AdmissionToValidateObjectFunc(q.srv.admission, a, q.endpoint)), opts)
	if err == nil {
		q.step(trace.Stored, out, "created")
	}
	return out, err
}

// post hands obj to the storage. A subresource is posted to the object of the
// request's name.
func (q *request) post(ctx context.Context, obj runtime.Object, validate rest.ValidateObjectFunc, opts *metav1.CreateOptions) (runtime.Object, error) {
	switch st := q.storage.(type) {
	case rest.NamedCreater:
		return st.Create(ctx, q.name, obj, validate, opts)
	case rest.Creater:
		return st.Create(ctx, obj, validate, opts)
	}
	return nil, apierrors.NewMethodNotSupported(q.gvr.GroupResource(), "create")
}

// nameFrom takes the name from the object, where the URL has none.
func (q *request) nameFrom(obj runtime.Object) {
	if m, err := meta.Accessor(obj); err == nil && q.name == "" {
		q.name = m.GetName()
	}
	if q.ns == "" && q.gvr == namespaces() {
		q.ns = q.name
	}
}

// prepare wipes what only the server sets, and checks the namespace.
func (q *request) prepare(obj runtime.Object) error {
	api.Fold(obj)
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil // kinds without metadata have nothing to prepare
	}
	if p, ok := q.storage.(rest.SubresourceObjectMetaPreserver); !ok || q.sub == "" || !p.PreserveRequestObjectMetaSystemFieldsOnSubresourceCreate() {
		rest.WipeObjectMetaSystemFields(m)
	}
	return rest.EnsureObjectNamespaceMatchesRequestNamespace(rest.ExpectedNamespaceForResource(q.ns, q.gvr), m)
}

// traced wraps validating admission, which the registry calls when it has
// prepared and validated the object.
func (q *request) traced(validate rest.ValidateObjectFunc) rest.ValidateObjectFunc {
	return func(ctx context.Context, obj runtime.Object) error {
		q.step(trace.Prepared, obj, "")
		if err := validate(ctx, obj); err != nil {
			return err
		}
		q.step(trace.Admitted, obj, "")
		return nil
	}
}

func invalidOptions(kind string, errs field.ErrorList) error {
	if len(errs) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: kind}, "", errs)
}
