package namespace

// Upstream: pkg/controller/namespace/namespace_controller.go, deletion/namespaced_resources_deleter.go

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// Name is the controller's name.
const Name = "namespace-controller"

// Controller empties namespaces that are being deleted.
type Controller struct {
	*controller.Loop
	cc         controller.Context
	namespaces client.Informer[*corev1.Namespace]
	contents   []content
}

// content is one kind of thing that a namespace can hold.
type content struct {
	gvr  schema.GroupVersionResource
	objs client.Informer[client.Object]
}

// New returns the controller.
func New(cc controller.Context) (*Controller, error) {
	c := &Controller{cc: cc, namespaces: client.InformerFor[*corev1.Namespace](cc.Informers, metav1.ListOptions{})}
	c.Loop = controller.NewLoop(Name, cc, 10, c.sync)
	if err := controller.On(c.Loop, c.namespaces, c.enqueueDying); err != nil {
		return nil, err
	}
	for _, k := range client.Kinds() {
		if !k.Namespaced || k.Group == "events.k8s.io" { // the same objects as core Events
			continue
		}
		objs := client.InformerAt(cc.Informers, k.Resource)
		if err := controller.Watch(c.Loop, objs, client.Handler[client.Object]{Delete: c.contentDeleted}); err != nil {
			return nil, err
		}
		c.contents = append(c.contents, content{k.Resource, objs})
	}
	return c, nil
}

func (c *Controller) enqueueDying(ns *corev1.Namespace) {
	if ns.DeletionTimestamp != nil {
		c.Enqueue(ns)
	}
}

func (c *Controller) contentDeleted(obj client.Object) {
	if ns, ok := c.namespaces.Get("", obj.GetNamespace()); ok {
		c.enqueueDying(ns)
	}
}

// sync takes one dying namespace as far as it goes today.
func (c *Controller) sync(ctx context.Context, name string) error {
	ns, ok := c.namespaces.Get("", name)
	if !ok || ns.DeletionTimestamp == nil || len(ns.Spec.Finalizers) == 0 {
		return nil
	}
	failure := c.deleteContents(ctx, name)
	left, err := c.remaining(ctx, name)
	if err != nil {
		failure = errors.Join(failure, err)
	}
	if err := c.report(ctx, ns, left, failure); err != nil {
		return err
	}
	if failure != nil || len(left) > 0 {
		return failure // the deletion of what is left wakes us
	}
	return c.finalize(ctx, ns)
}

// deleteContents asks for the deletion of all that the caches still show.
func (c *Controller) deleteContents(ctx context.Context, ns string) error {
	var errs []error
	for _, k := range c.contents {
		if len(k.objs.List(ns, nil)) == 0 {
			continue
		}
		at := client.Target{GroupVersionResource: k.gvr, Namespace: ns}
		background := metav1.DeletePropagationBackground
		err := c.cc.Client.DeleteCollection(ctx, at, metav1.DeleteOptions{PropagationPolicy: &background}, metav1.ListOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("delete %s in %s: %w", k.gvr.Resource, ns, err))
		}
	}
	return errors.Join(errs...)
}

// remaining counts, by a fresh look at the API, what is left. A cache could be
// behind, and the namespace must not go before its last object.
func (c *Controller) remaining(ctx context.Context, ns string) (left []leftover, err error) {
	for _, k := range c.contents {
		objs, err := list(ctx, c.cc.Client, client.Target{GroupVersionResource: k.gvr, Namespace: ns})
		if err != nil {
			return nil, fmt.Errorf("list %s in %s: %w", k.gvr.Resource, ns, err)
		}
		if len(objs) > 0 {
			left = append(left, leftover{k.gvr, objs})
		}
	}
	return left, nil
}

// finalize removes our finalizer, with which the API server removes the namespace.
func (c *Controller) finalize(ctx context.Context, ns *corev1.Namespace) error {
	fresh := ns.DeepCopy()
	fresh.Spec.Finalizers = nil
	for _, f := range ns.Spec.Finalizers {
		if f != corev1.FinalizerKubernetes {
			fresh.Spec.Finalizers = append(fresh.Spec.Finalizers, f)
		}
	}
	at := client.Target{GroupVersionResource: client.ResourceOf[*corev1.Namespace](), Name: ns.Name, Subresource: "finalize"}
	_, err := c.cc.Client.Update(ctx, at, fresh, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // gone, or changed: then the change enqueues it
	}
	return err
}
