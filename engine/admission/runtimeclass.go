package admission

// Upstream: plugin/pkg/admission/runtimeclass/admission.go

import (
	"context"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/admission"

	"kubergarten/engine/client"
)

// runtimeClass writes into a pod what its RuntimeClass costs and demands.
type runtimeClass struct {
	*admission.Handler
	classes client.Of[*nodev1.RuntimeClass]
}

var (
	_ admission.MutationInterface   = runtimeClass{}
	_ admission.ValidationInterface = runtimeClass{}
)

func newRuntimeClass(cfg Config) admission.Interface {
	return runtimeClass{admission.NewHandler(admission.Create), client.For[*nodev1.RuntimeClass](cfg.API)}
}

// Admit implements admission.MutationInterface.
func (p runtimeClass) Admit(ctx context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	if !isPod(a) {
		return nil
	}
	pod, class, err := p.class(ctx, a)
	if err != nil || class == nil {
		return err
	}
	if o := class.Overhead; o != nil {
		if len(pod.Spec.Overhead) > 0 && !apiequality.Semantic.DeepEqual(o.PodFixed, pod.Spec.Overhead) {
			return otherOverhead(a)
		}
		pod.Spec.Overhead = o.PodFixed.DeepCopy()
	}
	if class.Scheduling == nil {
		return nil
	}
	return schedule(a, pod, class.Scheduling)
}

// Validate implements admission.ValidationInterface.
func (p runtimeClass) Validate(ctx context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	if !isPod(a) {
		return nil
	}
	pod, class, err := p.class(ctx, a)
	switch {
	case err != nil:
		return err
	case class != nil && class.Overhead != nil:
		if !apiequality.Semantic.DeepEqual(class.Overhead.PodFixed, pod.Spec.Overhead) {
			return otherOverhead(a)
		}
	case pod.Spec.Overhead != nil:
		return admission.NewForbidden(a, errors.New("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"))
	}
	return nil
}

func otherOverhead(a admission.Attributes) error {
	return admission.NewForbidden(a, errors.New("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"))
}

// class returns the pod and its RuntimeClass, nil if it names none.
func (p runtimeClass) class(ctx context.Context, a admission.Attributes) (*corev1.Pod, *nodev1.RuntimeClass, error) {
	pod, ok := a.GetObject().(*corev1.Pod)
	if !ok {
		return nil, nil, apierrors.NewBadRequest("Resource was marked with kind Pod but was unable to be converted")
	}
	if pod.Spec.RuntimeClassName == nil {
		return pod, nil, nil
	}
	class, err := p.classes.Get(ctx, "", *pod.Spec.RuntimeClassName)
	if apierrors.IsNotFound(err) {
		err = admission.NewForbidden(a, fmt.Errorf("pod rejected: RuntimeClass %q not found", *pod.Spec.RuntimeClassName))
	}
	if err != nil {
		return nil, nil, err
	}
	return pod, class, nil
}

// schedule merges what the class demands of nodes into pod.
func schedule(a admission.Attributes, pod *corev1.Pod, s *nodev1.Scheduling) error {
	for key, value := range s.NodeSelector {
		if has, ok := pod.Spec.NodeSelector[key]; ok && has != value {
			return admission.NewForbidden(a, fmt.Errorf("conflict: runtimeClass.scheduling.nodeSelector[%s] = %s; pod.spec.nodeSelector[%s] = %s", key, value, key, has))
		}
		if pod.Spec.NodeSelector == nil {
			pod.Spec.NodeSelector = map[string]string{}
		}
		pod.Spec.NodeSelector[key] = value
	}
	pod.Spec.Tolerations = mergeTolerations(slices.Concat(pod.Spec.Tolerations, s.Tolerations))
	return nil
}

// mergeTolerations leaves out what another toleration covers.
func mergeTolerations(all []corev1.Toleration) (merged []corev1.Toleration) {
	for i, t := range all {
		covered := func(by corev1.Toleration) bool { return covers(by, t) }
		later := func(by corev1.Toleration) bool { return !apiequality.Semantic.DeepEqual(t, by) && covers(by, t) }
		if !slices.ContainsFunc(merged, covered) && !slices.ContainsFunc(all[i+1:], later) {
			merged = append(merged, t)
		}
	}
	return merged
}

// covers reports whether all that t tolerates, by tolerates too.
func covers(by, t corev1.Toleration) bool {
	switch {
	case apiequality.Semantic.DeepEqual(t, by):
		return true
	case t.Key != by.Key && (by.Key != "" || by.Operator != corev1.TolerationOpExists):
		return false
	case t.Effect != by.Effect && by.Effect != "":
		return false
	case by.Effect == corev1.TaintEffectNoExecute && by.TolerationSeconds != nil &&
		(t.TolerationSeconds == nil || *t.TolerationSeconds > *by.TolerationSeconds):
		return false
	case by.Operator == corev1.TolerationOpExists:
		return true
	}
	return t.Operator == corev1.TolerationOpEqual && t.Value == by.Value
}
