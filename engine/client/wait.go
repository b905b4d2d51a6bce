package client

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"kubergarten/engine/component"
)

// Waiting returns api for those who have time, as informers and event writers
// have: each call first waits until somebody holds the door open, or ctx is
// done, so that a server that comes back is met at once, with no back-off.
func Waiting(api Interface, door *component.Door[Server]) Interface {
	if door == nil {
		return api
	}
	return &waiting{api, door}
}

type waiting struct {
	api  Interface
	door *component.Door[Server]
}

func (w *waiting) wait(ctx context.Context) error {
	_, err := w.door.Wait(ctx)
	return err
}

func (w *waiting) Create(ctx context.Context, at Target, obj runtime.Object, opts metav1.CreateOptions) (runtime.Object, error) {
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	return w.api.Create(ctx, at, obj, opts)
}

func (w *waiting) Update(ctx context.Context, at Target, obj runtime.Object, opts metav1.UpdateOptions) (runtime.Object, error) {
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	return w.api.Update(ctx, at, obj, opts)
}

func (w *waiting) Patch(ctx context.Context, at Target, pt types.PatchType, data []byte, opts metav1.PatchOptions) (runtime.Object, error) {
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	return w.api.Patch(ctx, at, pt, data, opts)
}

func (w *waiting) Delete(ctx context.Context, at Target, opts metav1.DeleteOptions) (runtime.Object, error) {
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	return w.api.Delete(ctx, at, opts)
}

func (w *waiting) DeleteCollection(ctx context.Context, at Target, opts metav1.DeleteOptions, list metav1.ListOptions) error {
	if err := w.wait(ctx); err != nil {
		return err
	}
	return w.api.DeleteCollection(ctx, at, opts, list)
}

func (w *waiting) Get(ctx context.Context, at Target, opts metav1.GetOptions) (runtime.Object, error) {
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	return w.api.Get(ctx, at, opts)
}

func (w *waiting) List(ctx context.Context, at Target, opts metav1.ListOptions) (runtime.Object, error) {
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	return w.api.List(ctx, at, opts)
}

func (w *waiting) Watch(ctx context.Context, at Target, opts metav1.ListOptions) (watch.Interface, error) {
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	return w.api.Watch(ctx, at, opts)
}
