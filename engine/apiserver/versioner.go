package apiserver

import (
	"reflect"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"kubergarten/engine/api"
)

// withKind returns obj with apiVersion and kind set. Only the outermost struct
// is copied: the rest is shared with obj, which many may be reading. (The
// scheme's own encoders set the kind in place, which would be a race.)
func withKind(obj runtime.Object, gvk schema.GroupVersionKind) runtime.Object {
	if obj.GetObjectKind().GroupVersionKind() == gvk {
		return obj
	}
	v := reflect.ValueOf(obj)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		obj = obj.DeepCopyObject()
	} else {
		c := reflect.New(v.Elem().Type())
		c.Elem().Set(v.Elem())
		obj = c.Interface().(runtime.Object)
	}
	obj.GetObjectKind().SetGroupVersionKind(gvk)
	return obj
}

// versioned returns obj with the kind it has in gv, converted if it comes from
// another group (events have two).
func versioned(obj runtime.Object, gv schema.GroupVersion) (runtime.Object, error) {
	if u, ok := obj.(runtime.Unstructured); ok {
		return api.Scheme().ConvertToVersion(u, gv)
	}
	kinds, unversioned, err := api.Scheme().ObjectKinds(obj)
	if err != nil {
		return nil, err
	}
	for _, k := range kinds {
		if k.GroupVersion() == gv || unversioned {
			return withKind(obj, k), nil
		}
	}
	return api.Convert(obj, gv)
}

// versioner is a runtime.ObjectConvertor that never changes its input.
type versioner struct{}

var _ runtime.ObjectConvertor = versioner{}

// Convert implements runtime.ObjectConvertor.
func (versioner) Convert(in, out, context any) error { return api.Scheme().Convert(in, out, context) }

// ConvertToVersion implements runtime.ObjectConvertor.
func (versioner) ConvertToVersion(in runtime.Object, gv runtime.GroupVersioner) (runtime.Object, error) {
	if g, ok := gv.(schema.GroupVersion); ok {
		return versioned(in, g)
	}
	return api.Scheme().ConvertToVersion(in, gv)
}

// ConvertFieldLabel implements runtime.ObjectConvertor.
func (versioner) ConvertFieldLabel(gvk schema.GroupVersionKind, label, value string) (string, string, error) {
	return api.Scheme().ConvertFieldLabel(gvk, label, value)
}
