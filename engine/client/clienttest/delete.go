package clienttest

import (
	"context"
	"errors"
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"kubergarten/engine/client"
)

// Delete implements client.Interface.
func (a *API) Delete(ctx context.Context, at client.Target, opts metav1.DeleteOptions) (runtime.Object, error) {
	if err := a.called(ctx, "delete", at, nil); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	old, err := a.find(at)
	if err != nil {
		return nil, err
	}
	if p := opts.Preconditions; p != nil && p.UID != nil && *p.UID != old.GetUID() {
		return nil, apierrors.NewConflict(at.GroupResource(), at.Name, errors.New("Precondition failed: UID in precondition: "+string(*p.UID)+", UID in object meta: "+string(old.GetUID())))
	}
	o := old.DeepCopyObject().(client.Object)
	grace := a.grace(old, opts)
	if grace == 0 && len(o.GetFinalizers()) == 0 {
		a.remove(at.GroupVersionResource, old, o)
		return o, nil
	}
	if was := o.GetDeletionTimestamp(); was != nil && graceOf(o) <= grace {
		return old, nil // already on its way
	}
	t := metav1.NewTime(a.now().Add(time.Duration(grace) * time.Second))
	o.SetDeletionTimestamp(&t)
	o.SetDeletionGracePeriodSeconds(&grace)
	a.store(at.GroupVersionResource, old, o)
	return o, nil
}

// grace is how many seconds the object has: bound pods their grace period,
// everything else none.
func (a *API) grace(o client.Object, opts metav1.DeleteOptions) int64 {
	pod, ok := o.(*corev1.Pod)
	if !ok || pod.Spec.NodeName == "" || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return 0
	}
	if opts.GracePeriodSeconds != nil {
		return *opts.GracePeriodSeconds
	}
	if s := pod.Spec.TerminationGracePeriodSeconds; s != nil {
		return *s
	}
	return corev1.DefaultTerminationGracePeriodSeconds
}

func graceOf(o client.Object) int64 {
	if s := o.GetDeletionGracePeriodSeconds(); s != nil {
		return *s
	}
	return 0
}

// DeleteCollection implements client.Interface.
func (a *API) DeleteCollection(ctx context.Context, at client.Target, opts metav1.DeleteOptions, list metav1.ListOptions) error {
	all, err := a.List(ctx, at, list)
	if err != nil {
		return err
	}
	return meta.EachListItem(all, func(obj runtime.Object) error {
		o := obj.(client.Object)
		one := at
		one.Namespace, one.Name = o.GetNamespace(), o.GetName()
		_, err := a.Delete(ctx, one, opts)
		return err
	})
}

// post serves the subresources that are created. mu is held.
func (a *API) post(at client.Target, obj runtime.Object) (runtime.Object, error) {
	old, err := a.find(at)
	if err != nil {
		return nil, err
	}
	switch in := obj.(type) {
	case *corev1.Binding:
		pod := old.DeepCopyObject().(*corev1.Pod)
		if pod.Spec.NodeName != "" {
			return nil, apierrors.NewConflict(at.GroupResource(), at.Name, fmt.Errorf("pod %s is already assigned to node %q", pod.Name, pod.Spec.NodeName))
		}
		pod.Spec.NodeName = in.Target.Name
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: a.now()})
		a.store(at.GroupVersionResource, old, pod)
		return &metav1.Status{Status: metav1.StatusSuccess}, nil
	case *authenticationv1.TokenRequest:
		return a.token(at, in), nil
	}
	return nil, apierrors.NewMethodNotSupported(at.GroupResource(), "create "+at.Subresource)
}

// token returns a token that a test can recognize, new at each request.
func (a *API) token(at client.Target, in *authenticationv1.TokenRequest) runtime.Object {
	a.uids++
	out := in.DeepCopy()
	life := int64(3600)
	if in.Spec.ExpirationSeconds != nil {
		life = *in.Spec.ExpirationSeconds
	}
	out.Status.Token = fmt.Sprintf("token-of-%s-%s-%d", at.Namespace, at.Name, a.uids)
	out.Status.ExpirationTimestamp = metav1.NewTime(a.now().Add(time.Duration(life) * time.Second))
	return out
}
