package garbagecollector

// Upstream: pkg/controller/garbagecollector/garbagecollector.go, operations.go

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
	"kubergarten/engine/trace"
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
		(has(obj, metav1.FinalizerDeleteDependents) || has(obj, metav1.FinalizerOrphanDependents))
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
// wait for it, it goes.
func (c *Controller) judge(ctx context.Context, n node) error {
	var solid, dangling, waiting []metav1.OwnerReference
	for _, o := range n.owners {
		owner, there, err := c.owner(ctx, n, o)
		switch {
		case err != nil:
			return err
		case !there:
			dangling = append(dangling, o)
		case owner.foreground:
			waiting = append(waiting, o)
		default:
			solid = append(solid, o)
		}
	}
	switch {
	case len(solid) > 0 && len(dangling)+len(waiting) == 0:
		return nil
	case len(solid) > 0:
		return c.release(ctx, n, append(dangling, waiting...))
	case len(waiting) > 0 && len(c.graph.dependents(n.uid)) > 0:
		return c.delete(ctx, n, metav1.DeletePropagationForeground)
	}
	return c.delete(ctx, n, c.policy(n))
}

// policy is how n goes: as its own finalizers ask, else in the background.
func (c *Controller) policy(n node) metav1.DeletionPropagation {
	switch {
	case n.orphaning:
		return metav1.DeletePropagationOrphan
	case n.foreground:
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
		if ns == "" {
			return node{}, true, nil // a cluster-scoped object cannot belong to a namespaced one; upstream leaves it
		}
	}
	if owner, ok := c.graph.get(ref.UID); ok && owner.namespace == ns && owner.name == ref.Name {
		return owner, true, nil
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
	return node{foreground: m.GetDeletionTimestamp() != nil && has(m.(client.Object), metav1.FinalizerDeleteDependents)}, m.GetUID() == ref.UID, nil
}

func (c *Controller) delete(ctx context.Context, n node, how metav1.DeletionPropagation) error {
	_, err := c.cc.Client.Delete(ctx, n.target(), metav1.DeleteOptions{
		Preconditions: metav1.NewUIDPreconditions(string(n.uid)), PropagationPolicy: &how,
	})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // gone, or another of that name
	}
	if err != nil {
		return fmt.Errorf("delete %s %s/%s: %w", n.kind.Kind, n.namespace, n.name, err)
	}
	c.cc.Trace.Emit(trace.Record{
		Who: Name, Step: trace.Reconciled, Words: "deleted, for its owners are gone",
		Object: trace.Ref{Resource: n.kind.Resource.Resource, Namespace: n.namespace, Name: n.name},
	})
	return nil
}

// release takes references out of n.
func (c *Controller) release(ctx context.Context, n node, refs []metav1.OwnerReference) error {
	var patches []map[string]any
	for _, r := range refs {
		patches = append(patches, map[string]any{"$patch": "delete", "uid": r.UID})
	}
	return c.patch(ctx, n, map[string]any{"ownerReferences": patches})
}

func (c *Controller) patch(ctx context.Context, n node, metadata map[string]any) error {
	metadata["uid"] = n.uid
	data, err := json.Marshal(map[string]any{"metadata": metadata})
	if err != nil {
		return fmt.Errorf("patch %s/%s: %w", n.namespace, n.name, err)
	}
	_, err = c.cc.Client.Patch(ctx, n.target(), types.StrategicMergePatchType, data, metav1.PatchOptions{})
	if apierrors.IsNotFound(err) || apierrors.IsInvalid(err) || apierrors.IsConflict(err) {
		return nil // gone, or another of that name
	}
	return err
}

// orphan lets n's dependents go, then n.
func (c *Controller) orphan(ctx context.Context, n node) error {
	var errs []error
	for _, d := range c.graph.dependents(n.uid) {
		errs = append(errs, c.release(ctx, d, []metav1.OwnerReference{{UID: n.uid}}))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("orphan dependents of %s/%s: %w", n.namespace, n.name, err)
	}
	return c.removeFinalizer(ctx, n, metav1.FinalizerOrphanDependents)
}

// clearDependents lets n go when nothing blocks it any more; until then it sends
// its dependents away.
func (c *Controller) clearDependents(ctx context.Context, n node) error {
	blocking := false
	for _, d := range c.graph.dependents(n.uid) {
		blocking = blocking || d.blocks(n.uid)
		if !d.deleting {
			c.EnqueueKey(string(d.uid))
		}
	}
	if blocking {
		return nil // the last of them wakes us
	}
	return c.removeFinalizer(ctx, n, metav1.FinalizerDeleteDependents)
}

// removeFinalizer writes the finalizers that are left, at the resourceVersion
// they were read at: the list has no keys to patch by.
func (c *Controller) removeFinalizer(ctx context.Context, n node, finalizer string) error {
	obj, err := c.cc.Client.Get(ctx, n.target(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	m, err := meta.Accessor(obj)
	if err != nil || m.GetUID() != n.uid {
		return err
	}
	left := []string{}
	for _, f := range m.GetFinalizers() {
		if f != finalizer {
			left = append(left, f)
		}
	}
	data, err := json.Marshal(map[string]any{"metadata": map[string]any{"resourceVersion": m.GetResourceVersion(), "finalizers": left}})
	if err != nil {
		return fmt.Errorf("finalizers of %s/%s: %w", n.namespace, n.name, err)
	}
	_, err = c.cc.Client.Patch(ctx, n.target(), types.MergePatchType, data, metav1.PatchOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
