package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/delete.go

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metainternalversion "k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/trace"
)

// delete removes the object of the request's name, or begins its graceful
// deletion: then gone is false.
func (q *request) delete(ctx context.Context, opts *metav1.DeleteOptions) (out runtime.Object, gone bool, err error) {
	st, ok := q.storage.(rest.GracefulDeleter)
	if !ok {
		return nil, false, apierrors.NewMethodNotSupported(q.gvr.GroupResource(), "delete")
	}
	validate, err := q.validateDelete(opts)
	if err != nil {
		return nil, false, err
	}
	ctx = q.context(ctx)
	q.step(trace.Decoded, nil, "")
	out, gone, err = st.Delete(ctx, q.name, validate, opts)
	if err != nil {
		return nil, false, err
	}
	q.step(trace.Stored, out, "deleted")
	if out == nil {
		out = &metav1.Status{Status: metav1.StatusSuccess, Code: 200, Details: &metav1.StatusDetails{Name: q.name, Kind: q.kind.Kind}}
	}
	return out, gone, nil
}

// validateDelete checks opts, and returns the validating admission of a deletion.
func (q *request) validateDelete(opts *metav1.DeleteOptions) (rest.ValidateObjectFunc, error) {
	opts.IgnoreStoreReadErrorWithClusterBreakingPotential = nil // the gate AllowUnsafeMalformedObjectDeletion is off
	if err := invalidOptions("DeleteOptions", validation.ValidateDeleteOptions(opts)); err != nil {
		return nil, err
	}
	opts.TypeMeta.SetGroupVersionKind(metav1.SchemeGroupVersion.WithKind("DeleteOptions"))
	a := q.change(admission.Delete, nil, nil, opts, opts.DryRun)
	return rest.AdmissionToValidateObjectDeleteFunc(q.srv.admission, a, q.endpoint), nil
}

// deleteCollection deletes what list selects, and returns those objects.
func (q *request) deleteCollection(ctx context.Context, opts *metav1.DeleteOptions, list *metainternalversion.ListOptions) (runtime.Object, error) {
	st, ok := q.storage.(rest.CollectionDeleter)
	if !ok {
		return nil, apierrors.NewMethodNotSupported(q.gvr.GroupResource(), "deletecollection")
	}
	if err := q.selectable(list); err != nil {
		return nil, err
	}
	validate, err := q.validateDelete(opts)
	if err != nil {
		return nil, err
	}
	out, err := st.DeleteCollection(q.context(ctx), validate, opts, list)
	if err == nil && out == nil {
		out = &metav1.Status{Status: metav1.StatusSuccess, Code: 200, Details: &metav1.StatusDetails{Kind: q.kind.Kind}}
	}
	return out, err
}
