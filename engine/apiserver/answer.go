package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/response.go

import (
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metainternalscheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1beta1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"

	"kubergarten/engine/api"
)

// An answer is the form in which the client wants what it asked for.
type answer struct {
	q     *request
	info  runtime.SerializerInfo // Serializer is already the pretty one, if asked for
	as    *schema.GroupVersionKind
	table *metav1.TableOptions // if as is a Table
}

// accepts negotiates the form of the answer.
func (q *request) accepts(r *http.Request) (answer, error) {
	opts, info, err := negotiation.NegotiateOutputMediaType(r, api.Codecs(), q.endpoint)
	if err != nil {
		return answer{}, err
	}
	a := answer{q: q, info: info, as: opts.Convert}
	if a.as == nil || a.as.Kind != "Table" {
		return a, nil
	}
	a.table = &metav1.TableOptions{}
	if err := metainternalscheme.ParameterCodec.DecodeParameters(r.URL.Query(), metav1.SchemeGroupVersion, a.table); err != nil {
		return a, apierrors.NewBadRequest(err.Error())
	}
	if errs := metav1validation.ValidateTableOptions(a.table); len(errs) > 0 {
		return a, apierrors.NewBadRequest(fmt.Sprintf("Unable to convert to Table as requested: %v", errs.ToAggregate()))
	}
	return a, nil
}

// write sends obj.
func (a answer) write(w http.ResponseWriter, r *http.Request, code int, obj runtime.Object) error {
	if st, ok := obj.(*metav1.Status); ok && st.Code == 0 {
		st = st.DeepCopy()
		st.Code = int32(code)
		obj = st
	}
	out, err := a.transform(r, obj)
	if err != nil {
		return err
	}
	return send(w, r, code, a.info, out)
}

// transform returns obj as the client wants it, with its kind set.
func (a answer) transform(r *http.Request, obj runtime.Object) (runtime.Object, error) {
	if st, ok := obj.(*metav1.Status); ok {
		return withKind(st, statusKind()), nil
	}
	switch {
	case a.as == nil:
		out, err := versioned(obj, a.q.kind.GroupVersion())
		if err != nil {
			return nil, err
		}
		return noNilItems(out), nil
	case a.as.Kind == "Table":
		return a.asTable(r, obj)
	case a.as.Kind == "PartialObjectMetadataList":
		return a.asMetadataList(obj)
	}
	return asMetadata(obj, a.as.GroupVersion())
}

// statusKind is what metav1.Status is called in answers.
func statusKind() schema.GroupVersionKind {
	return schema.GroupVersionKind{Version: "v1", Kind: "Status"}
}

// noNilItems makes an empty list "items": [], not null.
func noNilItems(obj runtime.Object) runtime.Object {
	if !meta.IsListType(obj) || meta.LenList(obj) > 0 {
		return obj
	}
	obj = obj.DeepCopyObject() // there is nothing in it but metadata
	_ = meta.SetList(obj, []runtime.Object{})
	return obj
}
