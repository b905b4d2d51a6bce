package garbagecollector

// Upstream: pkg/controller/garbagecollector/garbagecollector.go

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// Name is the controller's name.
const Name = "garbage-collector-controller"

// Controller collects garbage. The keys of its loop are UIDs.
type Controller struct {
	*controller.Loop
	cc    controller.Context
	graph *graph
	kinds map[schema.GroupKind]client.Kind
}

// New returns the controller.
func New(cc controller.Context) (*Controller, error) {
	c := &Controller{cc: cc, graph: newGraph(), kinds: map[schema.GroupKind]client.Kind{}}
	c.Loop = controller.NewLoop(Name, cc, 20, c.sync)
	for _, k := range client.Kinds() {
		c.kinds[k.GroupKind()] = k
		if k.Kind == "Event" { // events own nothing and belong to nobody
			continue
		}
		if err := c.follow(k); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// follow keeps the graph up to date for one kind.
func (c *Controller) follow(k client.Kind) error {
	changed := func(obj client.Object) {
		c.graph.put(k, obj)
		if needsLook(obj) {
			c.EnqueueKey(string(obj.GetUID()))
		}
	}
	return controller.Watch(c.Loop, client.InformerAt(c.cc.Informers, k.Resource), client.Handler[client.Object]{
		Add: changed,
		Update: func(old, obj client.Object) {
			if old.GetUID() != obj.GetUID() {
				c.gone(old)
			}
			changed(obj)
		},
		Delete: c.gone,
	})
}

// needsLook reports whether there may be something to do about obj itself.
func needsLook(obj client.Object) bool {
	return len(obj.GetOwnerReferences()) > 0 || obj.GetDeletionTimestamp() != nil &&
		(controller.HasFinalizer(obj, metav1.FinalizerDeleteDependents) || controller.HasFinalizer(obj, metav1.FinalizerOrphanDependents))
}

func (c *Controller) gone(obj client.Object) {
	dependents, owners := c.graph.remove(obj.GetUID())
	for _, uid := range append(dependents, owners...) {
		c.EnqueueKey(string(uid))
	}
}

// sync looks at one object.
func (c *Controller) sync(ctx context.Context, key string) error {
	n, ok := c.graph.get(types.UID(key))
	if !ok {
		return nil
	}
	switch {
	case n.orphaning:
		return c.orphan(ctx, n)
	case n.foreground:
		return c.clearDependents(ctx, n)
	case n.deleting || len(n.owners) == 0:
		return nil
	}
	return c.judge(ctx, n)
}

// judge decides about an object by its owners: solid ones keep it; if only some
// are gone it loses the references to them; if none is left, or those left
// wait for it, it goes. The object is read afresh: the graph may not have seen
// yet that somebody adopted it.
func (c *Controller) judge(ctx context.Context, n node) error {
	live, err := c.live(ctx, n)
	if err != nil || live == nil || live.GetDeletionTimestamp() != nil || len(live.GetOwnerReferences()) == 0 {
		return err
	}
	v, err := c.verdict(ctx, n, live.GetOwnerReferences())
	switch {
	case err != nil:
		return err
	case len(v.solid) > 0 && len(v.dangling)+len(v.waiting) == 0:
		return nil
	case len(v.solid) > 0:
		return c.release(ctx, n, append(v.dangling, v.waiting...))
	}
	dependents := c.graph.dependents(n.uid)
	if len(v.waiting) == 0 || len(dependents) == 0 {
		return c.delete(ctx, n, live, policy(live))
	}
	if slices.ContainsFunc(dependents, func(d node) bool { return d.foreground }) {
		// It may be a circle, in which each waits for the next: not this one.
		if err := c.unblock(ctx, n, live.GetOwnerReferences()); err != nil {
			return err
		}
	}
	return c.delete(ctx, n, live, metav1.DeletePropagationForeground)
}

// A verdict is an object's owners, sorted.
type verdict struct {
	solid    []metav1.OwnerReference // there, and to stay
	dangling []metav1.OwnerReference // gone
	waiting  []metav1.OwnerReference // on their way out, and waiting for the object
}

func (c *Controller) verdict(ctx context.Context, n node, owners []metav1.OwnerReference) (v verdict, err error) {
	for _, o := range owners {
		owner, there, err := c.owner(ctx, n, o)
		switch {
		case err != nil:
			return v, err
		case !there:
			v.dangling = append(v.dangling, o)
		case owner.foreground:
			v.waiting = append(v.waiting, o)
		default:
			v.solid = append(v.solid, o)
		}
	}
	return v, nil
}

// live reads an object afresh; nil if it is gone, or another has its name.
func (c *Controller) live(ctx context.Context, n node) (metav1.Object, error) {
	obj, err := c.cc.Client.Get(ctx, n.target(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look at %s %s/%s: %w", n.kind.Kind, n.namespace, n.name, err)
	}
	m, err := meta.Accessor(obj)
	if err != nil || m.GetUID() != n.uid {
		return nil, err
	}
	return m, nil
}

// policy is how an object goes: as its own finalizers ask, else in the background.
func policy(live metav1.Object) metav1.DeletionPropagation {
	switch {
	case controller.HasFinalizer(live, metav1.FinalizerOrphanDependents):
		return metav1.DeletePropagationOrphan
	case controller.HasFinalizer(live, metav1.FinalizerDeleteDependents):
		return metav1.DeletePropagationForeground
	}
	return metav1.DeletePropagationBackground
}

// owner finds the owner that ref means. The graph may be behind, so one that it
// does not have is asked for at the API.
func (c *Controller) owner(ctx context.Context, n node, ref metav1.OwnerReference) (owner node, there bool, err error) {
	gv, err := schema.ParseGroupVersion(ref.APIVersion)
	if err != nil {
		return node{}, true, nil // nonsense is not evidence that the owner is gone
	}
	k, ok := c.kinds[schema.GroupKind{Group: gv.Group, Kind: ref.Kind}]
	if !ok {
		return node{}, true, nil
	}
	ns := ""
	if k.Namespaced {
		ns = n.namespace
		if ns == "" { // a cluster-scoped object cannot belong to a namespaced one
			c.wrongNamespace(n, ref)
			return node{}, true, nil
		}
	}
	if owner, ok := c.graph.get(ref.UID); ok {
		if owner.namespace == ns && owner.name == ref.Name {
			return owner, true, nil
		}
		if owner.namespace != ns {
			c.wrongNamespace(n, ref)
		}
	}
	obj, err := c.cc.Client.Get(ctx, client.Target{GroupVersionResource: k.Resource, Namespace: ns, Name: ref.Name}, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return node{}, false, nil
	}
	if err != nil {
		return node{}, false, fmt.Errorf("look for owner %s %s/%s: %w", ref.Kind, ns, ref.Name, err)
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return node{}, false, err
	}
	return node{foreground: m.GetDeletionTimestamp() != nil && controller.HasFinalizer(m, metav1.FinalizerDeleteDependents)}, m.GetUID() == ref.UID, nil
}
