package registry

import (
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/registry/rest"
)

// policy is what becomes of dependents when the client does not say.
func (s strategy) policy(ctx context.Context) rest.GarbageCollectionPolicy {
	if s.gc == nil {
		return rest.DeleteDependents
	}
	return s.gc(ctx)
}

// propagate returns the finalizers of an object that is deleted with opts: the
// garbage collector works on "orphan" and "foregroundDeletion", and takes them
// away when it is done.
func propagate(policy rest.GarbageCollectionPolicy, finalizers []string, opts *metav1.DeleteOptions) []string {
	want := ""
	if policy != rest.Unsupported {
		want = asked(policy, finalizers, opts)
	}
	if want != "" && slices.Contains(finalizers, want) && !slices.Contains(finalizers, other(want)) {
		return finalizers
	}
	var out []string
	for _, f := range finalizers {
		if f != metav1.FinalizerOrphanDependents && f != metav1.FinalizerDeleteDependents {
			out = append(out, f)
		}
	}
	if want != "" {
		out = append(out, want)
	}
	return out
}

// asked returns the finalizer to have, or none: by the client's word, else by
// the finalizer that is there, else by policy.
func asked(policy rest.GarbageCollectionPolicy, finalizers []string, opts *metav1.DeleteOptions) string {
	//lint:ignore SA1019 old clients say it so
	orphan := opts.OrphanDependents
	switch {
	case orphan != nil && *orphan:
		return metav1.FinalizerOrphanDependents
	case orphan != nil:
		return ""
	case opts.PropagationPolicy != nil:
		return finalizerOf(*opts.PropagationPolicy)
	}
	for _, f := range finalizers {
		if f == metav1.FinalizerOrphanDependents || f == metav1.FinalizerDeleteDependents {
			return f
		}
	}
	if policy == rest.OrphanDependents {
		return metav1.FinalizerOrphanDependents
	}
	return ""
}

func finalizerOf(p metav1.DeletionPropagation) string {
	switch p {
	case metav1.DeletePropagationOrphan:
		return metav1.FinalizerOrphanDependents
	case metav1.DeletePropagationForeground:
		return metav1.FinalizerDeleteDependents
	}
	return ""
}

func other(finalizer string) string {
	if finalizer == metav1.FinalizerOrphanDependents {
		return metav1.FinalizerDeleteDependents
	}
	return metav1.FinalizerOrphanDependents
}
