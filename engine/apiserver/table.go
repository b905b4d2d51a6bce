package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/response.go (asTable)

import (
	"context"
	"fmt"
	"net/http"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1beta1 "k8s.io/apimachinery/pkg/apis/meta/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
)

// asTable is what kubectl get prints.
func (a answer) asTable(r *http.Request, obj runtime.Object) (runtime.Object, error) {
	table, err := a.q.tables()(a.q.context(r.Context()), obj, a.table)
	if err != nil {
		return nil, err
	}
	out := *table
	out.Rows = make([]metav1.TableRow, len(table.Rows))
	copy(out.Rows, table.Rows)
	for i := range out.Rows {
		row, err := a.rowObject(out.Rows[i].Object.Object)
		if err != nil {
			return nil, err
		}
		out.Rows[i].Object = runtime.RawExtension{Object: row}
	}
	return withKind(&out, *a.as), nil
}

// tables returns what makes tables of the endpoint's objects. Roles have no
// columns of their own upstream, only NAME and CREATED AT.
func (e *endpoint) tables() func(context.Context, runtime.Object, runtime.Object) (*metav1.Table, error) {
	if e.gvr.Group == rbacv1.GroupName && (e.kind.Kind == "Role" || e.kind.Kind == "ClusterRole") {
		return rest.NewDefaultTableConvertor(e.gvr.GroupResource()).ConvertToTable
	}
	return api.Table
}

// rowObject is what a row carries of its object.
func (a answer) rowObject(obj runtime.Object) (runtime.Object, error) {
	switch {
	case obj == nil || a.table.IncludeObject == metav1.IncludeNone:
		return nil, nil
	case a.table.IncludeObject == metav1.IncludeObject:
		return versioned(obj, a.q.kind.GroupVersion())
	case a.table.IncludeObject == metav1.IncludeMetadata || a.table.IncludeObject == "":
		return asMetadata(obj, a.as.GroupVersion())
	}
	return nil, apierrors.NewBadRequest(fmt.Sprintf("unrecognized includeObject value: %q", a.table.IncludeObject))
}

// asMetadata is obj without all but its metadata.
func asMetadata(obj runtime.Object, gv schema.GroupVersion) (runtime.Object, error) {
	if meta.IsListType(obj) {
		return nil, notAcceptable("you requested PartialObjectMetadata, but the requested object is a list (%T)", obj)
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, err
	}
	partial := meta.AsPartialObjectMetadata(m)
	partial.SetGroupVersionKind(gv.WithKind("PartialObjectMetadata"))
	return partial, nil
}

// asMetadataList is a list of objects without all but their metadata.
func (a answer) asMetadataList(obj runtime.Object) (runtime.Object, error) {
	from, ok := obj.(metav1.ListInterface)
	if !ok {
		return nil, notAcceptable("you requested PartialObjectMetadataList, but the requested object is not a list (%T)", obj)
	}
	list := &metav1.PartialObjectMetadataList{Items: []metav1.PartialObjectMetadata{}}
	list.ResourceVersion, list.Continue, list.RemainingItemCount = from.GetResourceVersion(), from.GetContinue(), from.GetRemainingItemCount()
	err := meta.EachListItem(obj, func(item runtime.Object) error {
		m, err := asMetadata(item, a.as.GroupVersion())
		if err == nil {
			list.Items = append(list.Items, *m.(*metav1.PartialObjectMetadata))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if a.as.GroupVersion() == metav1beta1.SchemeGroupVersion {
		return withKind(&metav1beta1.PartialObjectMetadataList{ListMeta: list.ListMeta, Items: list.Items}, *a.as), nil
	}
	return withKind(list, *a.as), nil
}

func notAcceptable(format string, args ...any) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotAcceptable,
		Reason: metav1.StatusReasonNotAcceptable, Message: fmt.Sprintf(format, args...),
	}}
}
