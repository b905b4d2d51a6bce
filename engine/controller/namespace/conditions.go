package namespace

// Upstream: pkg/controller/namespace/deletion/status_condition_utils.go

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"kubergarten/engine/client"
)

// leftover is what is left of one kind.
type leftover struct {
	gvr  schema.GroupVersionResource
	objs []metav1.Object
}

func list(ctx context.Context, api client.Interface, at client.Target) (objs []metav1.Object, err error) {
	l, err := api.List(ctx, at, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	err = meta.EachListItem(l, func(obj runtime.Object) error {
		m, err := meta.Accessor(obj)
		objs = append(objs, m)
		return err
	})
	return objs, err
}

// report writes the conditions of a dying namespace, if they changed.
func (c *Controller) report(ctx context.Context, ns *corev1.Namespace, left []leftover, failures []error) error {
	fresh := ns.DeepCopy()
	now := metav1.NewTime(c.cc.Clock.Now()).Rfc3339Copy()
	changed := false
	for _, cond := range conditions(left, failures) {
		cond.LastTransitionTime = now
		changed = set(&fresh.Status, cond) || changed
	}
	if !changed {
		return nil
	}
	_, err := client.For[*corev1.Namespace](c.cc.Client).UpdateStatus(ctx, fresh)
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}

// conditions says in upstream's words how far the deletion is.
func conditions(left []leftover, failures []error) []corev1.NamespaceCondition {
	content, finalizers := describeLeft(left)
	return []corev1.NamespaceCondition{
		condition(corev1.NamespaceDeletionDiscoveryFailure, "", "ResourcesDiscovered", "All resources successfully discovered"),
		condition(corev1.NamespaceDeletionGVParsingFailure, "", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
		condition(corev1.NamespaceDeletionContentFailure, text(failures), or(len(failures) > 0, "ContentDeletionFailed", "ContentDeleted"),
			"All content successfully deleted, may be waiting on finalization"),
		condition(corev1.NamespaceContentRemaining, content, or(content != "", "SomeResourcesRemain", "ContentRemoved"),
			"All content successfully removed"),
		condition(corev1.NamespaceFinalizersRemaining, finalizers, or(finalizers != "", "SomeFinalizersRemain", "ContentHasNoFinalizers"),
			"All content-preserving finalizers finished"),
	}
}

func text(failures []error) string {
	if len(failures) == 0 {
		return ""
	}
	var words []string
	for _, err := range failures {
		words = append(words, err.Error())
	}
	slices.Sort(words)
	return fmt.Sprintf("Failed to delete all resource types, %d remaining: %v", len(failures), strings.Join(words, ", "))
}

func or(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// condition is true with the words of what is bad, or false with those of what is good.
func condition(t corev1.NamespaceConditionType, bad, reason, good string) corev1.NamespaceCondition {
	if bad != "" {
		return corev1.NamespaceCondition{Type: t, Status: corev1.ConditionTrue, Reason: reason, Message: bad}
	}
	return corev1.NamespaceCondition{Type: t, Status: corev1.ConditionFalse, Reason: reason, Message: good}
}

func describeLeft(left []leftover) (content, finalizers string) {
	var kinds []string
	perFinalizer := map[string]int{}
	for _, l := range left {
		kinds = append(kinds, fmt.Sprintf("%s.%s has %d resource instances", l.gvr.Resource, l.gvr.Group, len(l.objs)))
		for _, obj := range l.objs {
			for _, f := range obj.GetFinalizers() {
				perFinalizer[f]++
			}
		}
	}
	var names []string
	for f, n := range perFinalizer {
		names = append(names, fmt.Sprintf("%s in %d resource instances", f, n))
	}
	slices.Sort(kinds)
	slices.Sort(names)
	if len(kinds) > 0 {
		content = "Some resources are remaining: " + strings.Join(kinds, ", ")
	}
	if len(names) > 0 {
		finalizers = "Some content in the namespace has finalizers remaining: " + strings.Join(names, ", ")
	}
	return content, finalizers
}

// set puts cond in s and reports whether that changed anything but its time.
func set(s *corev1.NamespaceStatus, cond corev1.NamespaceCondition) bool {
	for i := range s.Conditions {
		old := &s.Conditions[i]
		if old.Type != cond.Type {
			continue
		}
		if old.Status == cond.Status && old.Message == cond.Message && old.Reason == cond.Reason {
			return false
		}
		if old.Status == cond.Status {
			cond.LastTransitionTime = old.LastTransitionTime
		}
		*old = cond
		return true
	}
	s.Conditions = append(s.Conditions, cond)
	return true
}
