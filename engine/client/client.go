package client

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/authentication/user"
)

// A Target is what a request is about: the parts of its URL.
type Target struct {
	schema.GroupVersionResource
	Namespace   string // empty: cluster-scoped, or all namespaces
	Name        string // empty: the collection
	Subresource string // "status", "scale", "binding", "token", ... or empty
}

// Interface is what the API offers to one user, at the level of objects.
//
// Objects passed in are not kept or changed; objects that come out, also of
// watches, are shared and must not be changed. Errors are *errors.StatusError
// of apimachinery, or a refused connection.
type Interface interface {
	// Create stores obj, or posts it to a subresource (binding, eviction, token).
	Create(ctx context.Context, at Target, obj runtime.Object, opts metav1.CreateOptions) (runtime.Object, error)
	// Update replaces the object, or its subresource, if its resourceVersion is
	// still the stored one or is empty.
	Update(ctx context.Context, at Target, obj runtime.Object, opts metav1.UpdateOptions) (runtime.Object, error)
	// Patch applies data: JSON patch, merge patch, strategic merge patch or apply.
	Patch(ctx context.Context, at Target, pt types.PatchType, data []byte, opts metav1.PatchOptions) (runtime.Object, error)
	// Delete removes the object, or begins its graceful deletion, and returns
	// the object as it then is, or a *metav1.Status.
	Delete(ctx context.Context, at Target, opts metav1.DeleteOptions) (runtime.Object, error)
	// DeleteCollection deletes what list selects.
	DeleteCollection(ctx context.Context, at Target, opts metav1.DeleteOptions, list metav1.ListOptions) error
	// Get returns one object.
	Get(ctx context.Context, at Target, opts metav1.GetOptions) (runtime.Object, error)
	// List returns the kind's list type.
	List(ctx context.Context, at Target, opts metav1.ListOptions) (runtime.Object, error)
	// Watch sends events until ctx is done or the watch is stopped. It honours
	// SendInitialEvents and AllowWatchBookmarks.
	Watch(ctx context.Context, at Target, opts metav1.ListOptions) (watch.Interface, error)
}

// A Server hands out the API to a user. kube-apiserver implements it, and
// opens the cluster's Door[Server] while it runs.
type Server interface {
	As(who user.Info) Interface
}
