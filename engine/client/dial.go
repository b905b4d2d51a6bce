package client

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/authentication/user"

	"kubergarten/engine/component"
)

// New returns the API as who sees it. It holds no connection: each call enters
// the door anew, and fails with "connection refused" while nobody serves there.
func New(door *component.Door[Server], who user.Info) Interface {
	return &dialer{door, who}
}

type dialer struct {
	door *component.Door[Server]
	who  user.Info
}

func (d *dialer) dial() (Interface, error) {
	s, err := d.door.Enter()
	if err != nil {
		return nil, err
	}
	return s.As(d.who), nil
}

func (d *dialer) Create(ctx context.Context, at Target, obj runtime.Object, opts metav1.CreateOptions) (runtime.Object, error) {
	api, err := d.dial()
	if err != nil {
		return nil, err
	}
	return api.Create(ctx, at, obj, opts)
}

func (d *dialer) Update(ctx context.Context, at Target, obj runtime.Object, opts metav1.UpdateOptions) (runtime.Object, error) {
	api, err := d.dial()
	if err != nil {
		return nil, err
	}
	return api.Update(ctx, at, obj, opts)
}

func (d *dialer) Patch(ctx context.Context, at Target, pt types.PatchType, data []byte, opts metav1.PatchOptions) (runtime.Object, error) {
	api, err := d.dial()
	if err != nil {
		return nil, err
	}
	return api.Patch(ctx, at, pt, data, opts)
}

func (d *dialer) Delete(ctx context.Context, at Target, opts metav1.DeleteOptions) (runtime.Object, error) {
	api, err := d.dial()
	if err != nil {
		return nil, err
	}
	return api.Delete(ctx, at, opts)
}

func (d *dialer) DeleteCollection(ctx context.Context, at Target, opts metav1.DeleteOptions, list metav1.ListOptions) error {
	api, err := d.dial()
	if err != nil {
		return err
	}
	return api.DeleteCollection(ctx, at, opts, list)
}

func (d *dialer) Get(ctx context.Context, at Target, opts metav1.GetOptions) (runtime.Object, error) {
	api, err := d.dial()
	if err != nil {
		return nil, err
	}
	return api.Get(ctx, at, opts)
}

func (d *dialer) List(ctx context.Context, at Target, opts metav1.ListOptions) (runtime.Object, error) {
	api, err := d.dial()
	if err != nil {
		return nil, err
	}
	return api.List(ctx, at, opts)
}

func (d *dialer) Watch(ctx context.Context, at Target, opts metav1.ListOptions) (watch.Interface, error) {
	api, err := d.dial()
	if err != nil {
		return nil, err
	}
	return api.Watch(ctx, at, opts)
}
