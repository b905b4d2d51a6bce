package lessons

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"kubergarten/engine/client"
)

// manager is the field manager of what lessons apply.
const manager = "kubergarten-lessons"

// A place is a lesson's namespace in the cluster.
type place struct {
	api    client.Interface
	lesson *Lesson
}

// ensure makes the namespace if it is not there, and waits until pods may be
// made in it. It may have been made also when that fails.
func (p *place) ensure(ctx context.Context) (made bool, err error) {
	ns, err := client.For[*corev1.Namespace](p.api).Get(ctx, "", p.lesson.Namespace)
	if err == nil && ns.DeletionTimestamp != nil {
		if err = p.clear(ctx); err == nil {
			err = apierrors.NewNotFound(corev1.Resource("namespaces"), p.lesson.Namespace)
		}
	}
	switch {
	case apierrors.IsNotFound(err):
		made = true
		_, err = client.For[*corev1.Namespace](p.api).Create(ctx, p.namespace())
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return false, fmt.Errorf("make namespace: %w", err)
		}
	case err != nil:
		return false, fmt.Errorf("look for namespace: %w", err)
	}
	err = await[*corev1.ServiceAccount](ctx, p.api, p.lesson.Namespace, "default", func(sa *corev1.ServiceAccount) bool { return sa != nil })
	if err != nil {
		return made, fmt.Errorf("service account default of namespace %s does not come: %w", p.lesson.Namespace, err)
	}
	return made, nil
}

func (p *place) namespace() *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: p.lesson.Namespace,
		Labels: map[string]string{
			"app.kubernetes.io/managed-by": "kubergarten", "app.kubernetes.io/part-of": "lesson-" + p.lesson.ID,
		},
	}}
}

// clear deletes the namespace with all that is in it, and waits until it is
// gone. The pods need not take leave slowly.
func (p *place) clear(ctx context.Context) error {
	name, now := p.lesson.Namespace, int64(1)
	err := client.For[*corev1.Namespace](p.api).Delete(ctx, "", name, metav1.DeleteOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil && !apierrors.IsConflict(err): // conflict: it is being deleted
		return fmt.Errorf("delete namespace: %w", err)
	}
	pods := client.Target{GroupVersionResource: client.ResourceOf[*corev1.Pod](), Namespace: name}
	// Should this fail, the namespace goes away all the same, only later.
	_ = p.api.DeleteCollection(ctx, pods, metav1.DeleteOptions{GracePeriodSeconds: &now}, metav1.ListOptions{})
	err = await[*corev1.Namespace](ctx, p.api, "", name, func(ns *corev1.Namespace) bool { return ns == nil })
	if err != nil {
		return fmt.Errorf("namespace %s does not go away: %w", name, err)
	}
	return nil
}

// apply applies manifests of the lesson, as "kubectl apply --server-side" does.
func (p *place) apply(ctx context.Context, files []string) error {
	for _, file := range files {
		objects, err := p.lesson.objects(file, p.lesson.Namespace)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", p.lesson.ID, file, err)
		}
		for _, obj := range objects {
			if err := p.applyOne(ctx, obj); err != nil {
				return fmt.Errorf("apply %s: %w", file, err)
			}
		}
	}
	return nil
}

func (p *place) applyOne(ctx context.Context, obj *unstructured.Unstructured) error {
	k, _ := kindOf(obj.GroupVersionKind())
	data, err := json.Marshal(obj.Object)
	if err != nil {
		return err
	}
	at, force := client.Target{GroupVersionResource: k.gvr(), Namespace: obj.GetNamespace(), Name: obj.GetName()}, true
	_, err = p.api.Patch(ctx, at, types.ApplyPatchType, data, metav1.PatchOptions{FieldManager: manager, Force: &force})
	return err
}

// await waits until the object of that name is as wanted; is gets nil when
// there is none. A watch that ends is begun again.
func await[T client.Object](ctx context.Context, api client.Interface, namespace, name string, is func(T) bool) error {
	for ctx.Err() == nil {
		done, err := awaitOnce(ctx, api, namespace, name, is)
		if done || err != nil && ctx.Err() == nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// awaitOnce is await for as long as one watch lasts.
func awaitOnce[T client.Object](ctx context.Context, api client.Interface, namespace, name string, is func(T) bool) (bool, error) {
	var zero T
	at := client.Target{GroupVersionResource: client.ResourceOf[T](), Namespace: namespace}
	opts := metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", name).String()}
	list, err := api.List(ctx, at, opts)
	if err != nil {
		return false, err
	}
	now, revision, err := firstOf[T](list)
	if err != nil || is(now) {
		return err == nil, err
	}
	opts.ResourceVersion = revision
	changes, err := api.Watch(ctx, at, opts)
	if err != nil {
		return false, err
	}
	defer changes.Stop()
	for {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case ev, ok := <-changes.ResultChan():
			if !ok {
				return false, nil
			}
			obj, _ := ev.Object.(T)
			if ev.Type == watch.Deleted {
				obj = zero
			}
			if ev.Type == watch.Error || is(obj) {
				return ev.Type != watch.Error, errorOf(ev)
			}
		}
	}
}
