package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/update.go

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
	"kubergarten/engine/trace"
)

// update replaces the object of the request's name by obj, which the storage
// copies before anything changes it.
func (q *request) update(ctx context.Context, obj runtime.Object, opts *metav1.UpdateOptions) (out runtime.Object, created bool, err error) {
	if err := invalidOptions("UpdateOptions", validation.ValidateUpdateOptions(opts)); err != nil {
		return nil, false, err
	}
	opts.TypeMeta.SetGroupVersionKind(metav1.SchemeGroupVersion.WithKind("UpdateOptions"))
	ctx = q.context(ctx)
	if err := q.sameName(obj); err != nil {
		return nil, false, err
	}
	q.step(trace.Decoded, obj, "")
	info := rest.DefaultUpdatedObjectInfo(obj, q.place, q.credit(opts.FieldManager), q.admit(opts, createOf(opts), opts.DryRun))
	return q.put(ctx, info, opts, false)
}

// put lets the storage update from info, with validating admission.
func (q *request) put(ctx context.Context, info rest.UpdatedObjectInfo, opts *metav1.UpdateOptions, mayCreate bool) (runtime.Object, bool, error) {
	st, ok := q.storage.(rest.Updater)
	if !ok {
		return nil, false, apierrors.NewMethodNotSupported(q.gvr.GroupResource(), q.verb)
	}
	create := q.change(admission.Create, nil, nil, createOf(opts), opts.DryRun)
	update := q.change(admission.Update, nil, nil, opts, opts.DryRun)
	out, created, err := st.Update(ctx, q.name, info,
		q.ifMayCreate(q.traced(rest.AdmissionToValidateObjectFunc(q.srv.admission, create, q.endpoint))),
		q.tracedUpdate(rest.AdmissionToValidateObjectUpdateFunc(q.srv.admission, update, q.endpoint)), mayCreate, opts)
	if err == nil {
		q.step(trace.Stored, out, q.verb)
	}
	return out, created, err
}

// place sets defaults, if decoding has not, and the namespace of a new version
// of the object.
func (q *request) place(_ context.Context, obj, _ runtime.Object) (runtime.Object, error) {
	if q.local {
		api.Default(obj)
	}
	api.Fold(obj)
	m, err := meta.Accessor(obj)
	if err != nil {
		return obj, nil
	}
	return obj, rest.EnsureObjectNamespaceMatchesRequestNamespace(rest.ExpectedNamespaceForResource(q.ns, q.gvr), m)
}

// credit notes in managedFields whose the change is.
func (q *request) credit(manager string) rest.TransformFunc {
	return func(ctx context.Context, obj, old runtime.Object) (runtime.Object, error) {
		dedupOwners(ctx, obj, false)
		return q.fields().UpdateNoErrors(old, obj, q.fieldManager(manager)), nil
	}
}

// admit runs mutating admission, as an update or as a creation.
func (q *request) admit(update, create runtime.Object, dryRun []string) rest.TransformFunc {
	return func(ctx context.Context, obj, old runtime.Object) (runtime.Object, error) {
		exists, err := hasUID(old)
		if err != nil {
			return nil, err
		}
		a := q.change(admission.Update, obj, old, update, dryRun)
		if !exists {
			a = q.change(admission.Create, obj, nil, create, dryRun)
		}
		if err := q.mutate(ctx, a); err != nil {
			return nil, err
		}
		dedupOwners(ctx, obj, true)
		return obj, nil
	}
}

// ifMayCreate checks that who creates by updating may also create.
func (q *request) ifMayCreate(validate rest.ValidateObjectFunc) rest.ValidateObjectFunc {
	return func(ctx context.Context, obj runtime.Object) error {
		if err := q.srv.authorize(ctx, q.attributes("create")); err != nil {
			return err
		}
		return validate(ctx, obj)
	}
}

func (q *request) tracedUpdate(validate rest.ValidateObjectUpdateFunc) rest.ValidateObjectUpdateFunc {
	return func(ctx context.Context, obj, old runtime.Object) error {
		q.step(trace.Prepared, obj, "")
		if err := validate(ctx, obj, old); err != nil {
			return err
		}
		q.step(trace.Admitted, obj, "")
		return nil
	}
}

// sameName checks that the object is the one the URL names.
func (q *request) sameName(obj runtime.Object) error {
	m, err := meta.Accessor(obj)
	if err == nil && m.GetName() == "" {
		err = apierrors.NewBadRequest("name must be provided")
	}
	if err != nil {
		return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s based on URL) was undeterminable: %v", q.name, err))
	}
	if m.GetName() != q.name {
		return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", m.GetName(), q.name))
	}
	if ns := rest.ExpectedNamespaceForResource(q.ns, q.gvr); ns != "" && m.GetNamespace() != "" && m.GetNamespace() != ns {
		return apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
	}
	return nil
}

func hasUID(obj runtime.Object) (bool, error) {
	if obj == nil {
		return false, nil
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return false, apierrors.NewInternalError(err)
	}
	return m.GetUID() != "", nil
}

func createOf(o *metav1.UpdateOptions) *metav1.CreateOptions {
	return &metav1.CreateOptions{
		TypeMeta: metav1.TypeMeta{Kind: "CreateOptions", APIVersion: "meta.k8s.io/v1"},
		DryRun:   o.DryRun, FieldManager: o.FieldManager, FieldValidation: o.FieldValidation,
	}
}
