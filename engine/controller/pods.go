package controller

// Upstream: pkg/controller/controller_utils.go, pkg/api/v1/pod/util.go

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"kubergarten/engine/client"
)

// Pods creates and deletes pods on behalf of an owner, and tells so in Events.
type Pods struct {
	api    client.Of[*corev1.Pod]
	events interface {
		Eventf(obj runtime.Object, kind, reason, format string, args ...any)
	}
}

// NewPods returns the pod verbs of a controller.
func NewPods(cc Context) Pods { return Pods{client.For[*corev1.Pod](cc.Client), cc.Events} }

// Create makes a pod from the template for owner. The pod
// is named after the owner with a random tail.
func (p Pods) Create(ctx context.Context, owner client.Object, ref metav1.OwnerReference, template *corev1.PodTemplateSpec) (*corev1.Pod, error) {
	pod := PodFromTemplate(owner, ref, template)
	made, err := p.api.Create(ctx, pod)
	if err != nil {
		if !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
			p.events.Eventf(owner, corev1.EventTypeWarning, "FailedCreate", "Error creating: %v", err)
		}
		return nil, err
	}
	p.events.Eventf(owner, corev1.EventTypeNormal, "SuccessfulCreate", "Created pod: %v", made.Name)
	return made, nil
}

// PodFromTemplate is the pod that owner's template asks for.
func PodFromTemplate(owner metav1.Object, ref metav1.OwnerReference, template *corev1.PodTemplateSpec) *corev1.Pod {
	t := template.DeepCopy()
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       owner.GetNamespace(),
			GenerateName:    podPrefix(owner.GetName()),
			Labels:          t.Labels,
			Annotations:     t.Annotations,
			Finalizers:      t.Finalizers,
			OwnerReferences: []metav1.OwnerReference{ref},
		},
		Spec: t.Spec,
	}
}

// podPrefix is upstream's: a name with a dash, unless that is no valid prefix.
func podPrefix(name string) string {
	if len(name)+1 > 253-5 {
		return name
	}
	return name + "-"
}

// Delete deletes owner's pod; a pod that is gone already is no error.
func (p Pods) Delete(ctx context.Context, owner client.Object, pod *corev1.Pod) error {
	err := p.api.Delete(ctx, pod.Namespace, pod.Name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return err
	}
	if err != nil {
		p.events.Eventf(owner, corev1.EventTypeWarning, "FailedDelete", "Error deleting: %v", err)
		return fmt.Errorf("delete pod %s: %w", Key(pod), err)
	}
	p.events.Eventf(owner, corev1.EventTypeNormal, "SuccessfulDelete", "Deleted pod: %v", pod.Name)
	return nil
}

// IsActive reports whether the pod has not ended and is not being deleted.
func IsActive(pod *corev1.Pod) bool {
	return !HasEnded(pod) && pod.DeletionTimestamp == nil
}

// HasEnded reports whether all of the pod's containers have ended for good.
func HasEnded(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// Condition returns the pod's condition of that type, or nil.
func Condition(pod *corev1.Pod, t corev1.PodConditionType) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == t {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}

// IsReady reports whether the pod's Ready condition is true.
func IsReady(pod *corev1.Pod) bool {
	c := Condition(pod, corev1.PodReady)
	return c != nil && c.Status == corev1.ConditionTrue
}

// IsAvailable reports whether the pod has been ready for minReady at now; if it
// is ready but not for long enough, wait is the time that is missing.
func IsAvailable(pod *corev1.Pod, minReady time.Duration, now time.Time) (ok bool, wait time.Duration) {
	if !IsReady(pod) {
		return false, 0
	}
	since := Condition(pod, corev1.PodReady).LastTransitionTime.Time
	if minReady == 0 {
		return true, 0
	}
	if since.IsZero() {
		return false, minReady
	}
	wait = since.Add(minReady).Sub(now)
	return wait <= 0, max(wait, 0)
}
