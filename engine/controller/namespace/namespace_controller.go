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
	left, failures := c.empty(ctx, name)
	if err := c.report(ctx, ns, left, failures); err != nil {
		return err
	}
	if len(failures) > 0 || len(left) > 0 {
		return errors.Join(failures...) // the deletion of what is left wakes us
	}
	return c.finalize(ctx, ns)
}

// empty deletes what the namespace holds, pods first: while they run, what they
// use must not go. It returns what is left.
func (c *Controller) empty(ctx context.Context, ns string) (left []leftover, failures []error) {
	pods := client.ResourceOf[*corev1.Pod]()
	isPods := func(k content) bool { return k.gvr == pods }
	left, failures = c.clear(ctx, ns, isPods)
	if len(left) > 0 || len(failures) > 0 {
		return left, failures
	}
	return c.clear(ctx, ns, func(k content) bool { return !isPods(k) })
}

// clear deletes the kinds that which chooses. What is left is counted by a fresh
// look at the API: a cache could be behind, and the namespace must not go before
// its last object.
func (c *Controller) clear(ctx context.Context, ns string, which func(content) bool) (left []leftover, failures []error) {
	for _, k := range c.contents {
		if !which(k) {
			continue
		}
		objs, err := c.clearKind(ctx, ns, k)
		if err != nil {
			failures = append(failures, err)
		}
		if len(objs) > 0 {
			left = append(left, leftover{k.gvr, objs})
		}
	}
	return left, failures
}

func (c *Controller) clearKind(ctx context.Context, ns string, k content) ([]metav1.Object, error) {
	at := client.Target{GroupVersionResource: k.gvr, Namespace: ns}
	if len(k.objs.List(ns, nil)) > 0 {
		background := metav1.DeletePropagationBackground
		err := c.cc.Client.DeleteCollection(ctx, at, metav1.DeleteOptions{PropagationPolicy: &background}, metav1.ListOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("delete %s in %s: %w", k.gvr.Resource, ns, err)
		}
	}
	objs, err := list(ctx, c.cc.Client, at)
	if err != nil {
		return nil, fmt.Errorf("list %s in %s: %w", k.gvr.Resource, ns, err)
	}
	return objs, nil
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
