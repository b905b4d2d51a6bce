package registry

// Upstream: pkg/registry/core/namespace/{strategy.go,storage/storage.go}

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/util/dryrun"

	"kubergarten/engine/api"
	"kubergarten/engine/storage"
)

func namespaceStrategy() strategy {
	return strategy{
		rules:  api.NamespaceRules(),
		resets: resets("v1", path("status")),
		prepareCreate: onCreate(func(n *corev1.Namespace) {
			n.Status = corev1.NamespaceStatus{Phase: corev1.NamespaceActive}
			if !slices.Contains(n.Spec.Finalizers, corev1.FinalizerKubernetes) {
				n.Spec.Finalizers = append(n.Spec.Finalizers, corev1.FinalizerKubernetes)
			}
		}),
		prepareUpdate: onUpdate(func(n, old *corev1.Namespace) {
			n.Spec.Finalizers, n.Status = old.Spec.Finalizers, old.Status
		}),
		canonicalize: func(obj runtime.Object) { // generateName has made the name after defaulting
			n := obj.(*corev1.Namespace)
			n.Labels = with(n.Labels, map[string]string{corev1.LabelMetadataName: n.Name})
		},
		stays: func(obj runtime.Object) bool { return len(obj.(*corev1.Namespace).Spec.Finalizers) > 0 },
	}
}

func namespaceStatusStrategy() strategy {
	st := namespaceStrategy()
	st.rules, st.resets = api.NamespaceStatusRules(), resets("v1", path("spec"))
	st.prepareUpdate = onUpdate(func(n, old *corev1.Namespace) { n.Spec = old.Spec })
	return st
}

func namespaceFinalizeStrategy() strategy {
	st := namespaceStrategy()
	st.rules, st.resets = api.NamespaceFinalizeRules(), resets("v1", path("status"))
	st.prepareUpdate = onUpdate(func(n, old *corev1.Namespace) { n.Status = old.Status })
	return st
}

// namespaceREST is a Store whose deletions take two steps: the namespace is
// Terminating until the controller has emptied it and taken its finalizer.
type namespaceREST struct{ *Store }

// Delete begins the deletion of a namespace, or ends it if nothing is left.
func (r namespaceREST) Delete(ctx context.Context, name string, validate rest.ValidateObjectFunc, opts *metav1.DeleteOptions) (runtime.Object, bool, error) {
	obj, err := r.Get(ctx, name, nil)
	if err != nil {
		return nil, false, err
	}
	n := obj.(*corev1.Namespace)
	if opts == nil {
		opts = metav1.NewDeleteOptions(0)
	}
	if err := r.pin(n, opts); err != nil {
		return nil, false, err
	}
	switch {
	case n.DeletionTimestamp.IsZero():
		out, err := r.terminate(ctx, n.Name, validate, opts)
		return out, false, err
	case len(n.Spec.Finalizers) > 0:
		return n, false, nil
	}
	return r.Store.Delete(ctx, name, validate, opts)
}

// pin makes opts mean this very namespace, and no later one of the same name.
func (r namespaceREST) pin(n *corev1.Namespace, opts *metav1.DeleteOptions) error {
	if opts.Preconditions == nil {
		opts.Preconditions = &metav1.Preconditions{}
	}
	p := opts.Preconditions
	if p.UID == nil {
		p.UID = &n.UID
	}
	switch {
	case *p.UID != n.UID:
		//lint:ignore ST1005 upstream's words
		return apierrors.NewConflict(r.resource.GroupResource(), n.Name, fmt.Errorf("Precondition failed: UID in precondition: %v, UID in object meta: %v", *p.UID, n.UID))
	case p.ResourceVersion != nil && *p.ResourceVersion != n.ResourceVersion:
		//lint:ignore ST1005 upstream's words
		return apierrors.NewConflict(r.resource.GroupResource(), n.Name, fmt.Errorf("Precondition failed: ResourceVersion in precondition: %v, ResourceVersion in object meta: %v", *p.ResourceVersion, n.ResourceVersion))
	}
	return nil
}

func (r namespaceREST) terminate(ctx context.Context, name string, validate rest.ValidateObjectFunc, opts *metav1.DeleteOptions) (runtime.Object, error) {
	pre := &storage.Preconditions{UID: opts.Preconditions.UID, ResourceVersion: opts.Preconditions.ResourceVersion}
	return r.store(dryrun.IsDryRun(opts.DryRun)).GuaranteedUpdate(ctx, "", name, pre, func(current runtime.Object) (runtime.Object, error) {
		n := current.(*corev1.Namespace).DeepCopy()
		if validate != nil {
			if err := validate(ctx, n); err != nil {
				return nil, err
			}
		}
		if now := r.now(); n.DeletionTimestamp.IsZero() {
			n.DeletionTimestamp = &now
		}
		n.Status.Phase = corev1.NamespaceTerminating
		n.Finalizers = propagate(rest.DeleteDependents, n.Finalizers, opts)
		return n, nil
	})
}
