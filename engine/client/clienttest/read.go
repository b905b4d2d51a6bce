package clienttest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"

	"kubergarten/engine/client"
)

// Get implements client.Interface.
func (a *API) Get(ctx context.Context, at client.Target, _ metav1.GetOptions) (runtime.Object, error) {
	if err := a.called(ctx, "get", at, nil); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.find(at)
}

// List implements client.Interface.
func (a *API) List(ctx context.Context, at client.Target, opts metav1.ListOptions) (runtime.Object, error) {
	if err := a.called(ctx, "list", at, nil); err != nil {
		return nil, err
	}
	match, err := matcher(at, opts)
	if err != nil {
		return nil, err
	}
	list, err := newList(at.GroupVersionResource)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	items := a.sorted(at.GroupVersionResource, match)
	if l, err := meta.ListAccessor(list); err == nil {
		l.SetResourceVersion(strconv.FormatInt(a.rev, 10))
	}
	return list, meta.SetList(list, items)
}

// sorted returns what matches, by namespace and name. mu is held.
func (a *API) sorted(gvr schema.GroupVersionResource, match func(client.Object) bool) []runtime.Object {
	var all []client.Object
	for _, o := range a.objects[gvr] {
		if match(o) {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(x, y client.Object) int {
		return cmp.Or(cmp.Compare(x.GetNamespace(), y.GetNamespace()), cmp.Compare(x.GetName(), y.GetName()))
	})
	out := make([]runtime.Object, len(all))
	for i, o := range all {
		out[i] = o
	}
	return out
}

// newList makes an empty list of the kind that the resource holds.
func newList(gvr schema.GroupVersionResource) (runtime.Object, error) {
	for kind := range scheme.Scheme.KnownTypes(gvr.GroupVersion()) {
		item, ok := strings.CutSuffix(kind, "List")
		if !ok {
			continue
		}
		if plural, _ := meta.UnsafeGuessKindToResource(gvr.GroupVersion().WithKind(item)); plural == gvr {
			return scheme.Scheme.New(gvr.GroupVersion().WithKind(kind))
		}
	}
	return nil, apierrors.NewNotFound(gvr.GroupResource(), "")
}

// matcher says which objects a list or watch is about.
func matcher(at client.Target, opts metav1.ListOptions) (func(client.Object) bool, error) {
	sel, err := labels.Parse(opts.LabelSelector)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	field, err := fields.ParseSelector(opts.FieldSelector)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return func(o client.Object) bool {
		return (at.Namespace == "" || o.GetNamespace() == at.Namespace) &&
			(at.Name == "" || o.GetName() == at.Name) &&
			sel.Matches(labels.Set(o.GetLabels())) && fieldsMatch(field, o)
	}, nil
}

// fieldsMatch finds each field by its path in the object.
func fieldsMatch(sel fields.Selector, o client.Object) bool {
	if sel.Empty() {
		return true
	}
	u, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	if err != nil {
		return false
	}
	set := fields.Set{}
	for _, r := range sel.Requirements() {
		set[r.Field] = at(u, strings.Split(r.Field, "."))
	}
	return sel.Matches(set)
}

func at(v any, path []string) string {
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[name]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
