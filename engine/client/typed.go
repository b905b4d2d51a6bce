package client

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

// An Object is anything with metadata.
type Object interface {
	runtime.Object
	metav1.Object
}

// Of is the API for objects of one type.
type Of[T Object] struct {
	api Interface
	gvr schema.GroupVersionResource
}

// For returns the verbs of api for objects of type T.
func For[T Object](api Interface) Of[T] { return Of[T]{api, ResourceOf[T]()} }

func (o Of[T]) target(ns, name, sub string) Target { return Target{o.gvr, ns, name, sub} }

func typed[T Object](obj runtime.Object, err error) (T, error) {
	if err != nil {
		var zero T
		return zero, err
	}
	t, ok := obj.(T)
	if !ok {
		return t, fmt.Errorf("expected %T, the API server sent %T", t, obj)
	}
	return t, nil
}

// Get returns the object of that name.
func (o Of[T]) Get(ctx context.Context, ns, name string) (T, error) {
	return typed[T](o.api.Get(ctx, o.target(ns, name, ""), metav1.GetOptions{}))
}

// List returns the objects that opts selects, in ns or, if empty, everywhere.
func (o Of[T]) List(ctx context.Context, ns string, opts metav1.ListOptions) ([]T, error) {
	list, err := o.api.List(ctx, o.target(ns, "", ""), opts)
	if err != nil {
		return nil, err
	}
	var out []T
	err = meta.EachListItem(list, func(obj runtime.Object) error {
		t, err := typed[T](obj, nil)
		out = append(out, t)
		return err
	})
	return out, err
}

// Watch sends what happens to the objects that opts selects.
func (o Of[T]) Watch(ctx context.Context, ns string, opts metav1.ListOptions) (watch.Interface, error) {
	return o.api.Watch(ctx, o.target(ns, "", ""), opts)
}

// Create stores obj in its namespace and returns it as stored.
func (o Of[T]) Create(ctx context.Context, obj T) (T, error) {
	return typed[T](o.api.Create(ctx, o.target(obj.GetNamespace(), "", ""), obj, metav1.CreateOptions{}))
}

// Update replaces the object.
func (o Of[T]) Update(ctx context.Context, obj T) (T, error) {
	return typed[T](o.api.Update(ctx, o.target(obj.GetNamespace(), obj.GetName(), ""), obj, metav1.UpdateOptions{}))
}

// UpdateStatus replaces the object's status.
func (o Of[T]) UpdateStatus(ctx context.Context, obj T) (T, error) {
	return typed[T](o.api.Update(ctx, o.target(obj.GetNamespace(), obj.GetName(), "status"), obj, metav1.UpdateOptions{}))
}

// Patch patches the object, or the subresource if one is named.
func (o Of[T]) Patch(ctx context.Context, ns, name string, pt types.PatchType, data []byte, sub string) (T, error) {
	return typed[T](o.api.Patch(ctx, o.target(ns, name, sub), pt, data, metav1.PatchOptions{}))
}

// Delete removes the object.
func (o Of[T]) Delete(ctx context.Context, ns, name string, opts metav1.DeleteOptions) error {
	_, err := o.api.Delete(ctx, o.target(ns, name, ""), opts)
	return err
}
