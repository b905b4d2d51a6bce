package admission

// Upstream: plugin/pkg/admission/priority/admission.go

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/utils/ptr"

	"kubergarten/engine/client"
)

// priority writes into each pod the number that its PriorityClass stands for.
type priority struct {
	*admission.Handler
	classes client.Of[*schedulingv1.PriorityClass]
}

var (
	_ admission.MutationInterface   = priority{}
	_ admission.ValidationInterface = priority{}
)

func newPriority(cfg Config) admission.Interface {
	return priority{admission.NewHandler(admission.Create, admission.Update, admission.Delete), client.For[*schedulingv1.PriorityClass](cfg.API)}
}

// systemClasses are those that every cluster has, also before they are stored.
func systemClasses() map[string]int32 {
	return map[string]int32{"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
}

// Admit implements admission.MutationInterface.
func (p priority) Admit(ctx context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	if !isPod(a) {
		return nil
	}
	pod, ok := a.GetObject().(*corev1.Pod)
	if !ok && a.GetOperation() != admission.Delete {
		return apierrors.NewBadRequest("resource was marked with kind Pod but was unable to be converted")
	}
	switch a.GetOperation() {
	case admission.Create:
		return p.create(ctx, a, pod)
	case admission.Update:
		return keepPriority(a, pod)
	}
	return nil
}

// keepPriority lets an update leave out what only create computes.
func keepPriority(a admission.Attributes, pod *corev1.Pod) error {
	old, ok := a.GetOldObject().(*corev1.Pod)
	if !ok {
		return apierrors.NewBadRequest("resource was marked with kind Pod but was unable to be converted")
	}
	if pod.Spec.Priority == nil && old.Spec.Priority != nil {
		pod.Spec.Priority = ptr.To(*old.Spec.Priority)
	}
	if pod.Spec.PreemptionPolicy == nil && old.Spec.PreemptionPolicy != nil {
		pod.Spec.PreemptionPolicy = ptr.To(*old.Spec.PreemptionPolicy)
	}
	return nil
}

func (p priority) create(ctx context.Context, a admission.Attributes, pod *corev1.Pod) error {
	class, err := p.class(ctx, a, pod.Spec.PriorityClassName)
	if err != nil {
		return err
	}
	pod.Spec.PriorityClassName = class.Name
	if has := pod.Spec.Priority; has != nil && *has != class.Value {
		return admission.NewForbidden(a, fmt.Errorf("the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name", *has, class.Value))
	}
	pod.Spec.Priority = &class.Value
	if class.PreemptionPolicy == nil {
		return nil
	}
	if has := pod.Spec.PreemptionPolicy; has != nil && *has != *class.PreemptionPolicy {
		return admission.NewForbidden(a, fmt.Errorf("the string value of PreemptionPolicy (%s) must not be provided in pod spec; priority admission controller computed %s from the given PriorityClass name", *has, *class.PreemptionPolicy))
	}
	pod.Spec.PreemptionPolicy = class.PreemptionPolicy
	return nil
}

// class returns a class of our own with the values of the class called name.
func (p priority) class(ctx context.Context, a admission.Attributes, name string) (*schedulingv1.PriorityClass, error) {
	if name == "" {
		return p.fallback(ctx)
	}
	class, err := p.classes.Get(ctx, "", name)
	value, system := systemClasses()[name]
	switch {
	case err == nil:
		return class.DeepCopy(), nil
	case apierrors.IsNotFound(err) && system:
		return &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Value: value, PreemptionPolicy: ptr.To(corev1.PreemptLowerPriority)}, nil
	case apierrors.IsNotFound(err):
		return nil, admission.NewForbidden(a, fmt.Errorf("no PriorityClass with name %v was found", name))
	}
	return nil, fmt.Errorf("failed to resolve PriorityClass with name %s: %w", name, err)
}

// fallback is the class of pods that name none.
func (p priority) fallback(ctx context.Context) (*schedulingv1.PriorityClass, error) {
	global, err := p.global(ctx)
	if err != nil {
		return nil, fmt.Errorf("error occurred while retrieving default priority class: %w", err)
	}
	if global == nil {
		return &schedulingv1.PriorityClass{PreemptionPolicy: ptr.To(corev1.PreemptLowerPriority)}, nil
	}
	return global.DeepCopy(), nil
}

// global returns the class that is the default; if there are several, the lowest.
func (p priority) global(ctx context.Context) (lowest *schedulingv1.PriorityClass, err error) {
	all, err := p.classes.List(ctx, "", metav1.ListOptions{})
	for _, c := range all {
		if c.GlobalDefault && (lowest == nil || c.Value < lowest.Value) {
			lowest = c
		}
	}
	return lowest, err
}

// Validate implements admission.ValidationInterface: there is one default class.
func (p priority) Validate(ctx context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	class, ok := a.GetObject().(*schedulingv1.PriorityClass)
	if a.GetResource().GroupResource() != (schema.GroupResource{Group: schedulingv1.GroupName, Resource: "priorityclasses"}) || !ok || !class.GlobalDefault {
		return nil
	}
	global, err := p.global(ctx)
	if err != nil {
		return fmt.Errorf("failed to get default priority class: %w", err)
	}
	if global != nil && (a.GetOperation() == admission.Create || global.Name != class.Name) {
		return admission.NewForbidden(a, fmt.Errorf("PriorityClass %v is already marked as default. Only one default can exist", global.Name))
	}
	return nil
}
