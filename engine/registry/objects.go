package registry

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"

	"kubergarten/engine/storage"
)

// objects keeps the objects of one resource; *storage.Store does. What comes
// out is shared and must not be changed.
type objects interface {
	Create(ctx context.Context, ns, name string, obj runtime.Object) (runtime.Object, error)
	Get(ctx context.Context, ns, name, resourceVersion string) (runtime.Object, error)
	List(ctx context.Context, ns string, opts *storage.ListOptions) (runtime.Object, error)
	Watch(ctx context.Context, ns string, opts *storage.ListOptions) (watch.Interface, error)
	GuaranteedUpdate(ctx context.Context, ns, name string, pre *storage.Preconditions, update func(current runtime.Object) (runtime.Object, error)) (runtime.Object, error)
}

var _ objects = (*storage.Store)(nil)

// listOptions is o as storage understands it.
func listOptions(o *internalversion.ListOptions) *storage.ListOptions {
	if o == nil {
		return &storage.ListOptions{}
	}
	return &storage.ListOptions{
		ResourceVersion: o.ResourceVersion, Match: o.ResourceVersionMatch, Limit: o.Limit, Continue: o.Continue,
		Label: o.LabelSelector, Field: o.FieldSelector,
		SendInitialEvents: o.SendInitialEvents, AllowBookmarks: o.AllowWatchBookmarks,
	}
}
