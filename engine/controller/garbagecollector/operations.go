package garbagecollector

// Upstream: pkg/controller/garbagecollector/operations.go, patch.go

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/trace"
)

// wrongNamespace tells that n names an owner that is in another namespace.
func (c *Controller) wrongNamespace(n node, ref metav1.OwnerReference) {
	child := &corev1.ObjectReference{
		APIVersion: n.kind.GroupVersion().String(), Kind: n.kind.Kind, Namespace: n.namespace, Name: n.name, UID: n.uid,
	}
	c.cc.Events.Eventf(child, corev1.EventTypeWarning, "OwnerRefInvalidNamespace",
		"ownerRef [%s/%s, namespace: %s, name: %s, uid: %s] does not exist in namespace %q",
		ref.APIVersion, ref.Kind, n.namespace, ref.Name, ref.UID, n.namespace)
}

// delete deletes n if it is still as it was judged; if not, it will be judged again.
func (c *Controller) delete(ctx context.Context, n node, live metav1.Object, how metav1.DeletionPropagation) error {
	version := live.GetResourceVersion()
	_, err := c.cc.Client.Delete(ctx, n.target(), metav1.DeleteOptions{
		Preconditions: &metav1.Preconditions{UID: &n.uid, ResourceVersion: &version}, PropagationPolicy: &how,
	})
	if apierrors.IsNotFound(err) {
		return nil
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

// unblock lets n's owners go before it.
func (c *Controller) unblock(ctx context.Context, n node, owners []metav1.OwnerReference) error {
	var refs []metav1.OwnerReference
	for _, o := range owners {
		if o.BlockOwnerDeletion != nil && *o.BlockOwnerDeletion {
			o.BlockOwnerDeletion = new(bool)
			refs = append(refs, o)
		}
	}
	if len(refs) == 0 {
		return nil
	}
	return c.patch(ctx, n, map[string]any{"ownerReferences": refs})
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
	live, err := c.live(ctx, n)
	if err != nil || live == nil {
		return err
	}
	left := []string{}
	for _, f := range live.GetFinalizers() {
		if f != finalizer {
			left = append(left, f)
		}
	}
	data, err := json.Marshal(map[string]any{"metadata": map[string]any{"resourceVersion": live.GetResourceVersion(), "finalizers": left}})
	if err != nil {
		return fmt.Errorf("finalizers of %s/%s: %w", n.namespace, n.name, err)
	}
	_, err = c.cc.Client.Patch(ctx, n.target(), types.MergePatchType, data, metav1.PatchOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
