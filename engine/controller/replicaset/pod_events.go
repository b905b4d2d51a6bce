package replicaset

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"kubergarten/engine/controller"
)

// owner returns the object that controls pod, if it is of our kind and still
// the one that the reference means.
func (c *Controller) owner(pod *corev1.Pod) (*appsv1.ReplicaSet, bool) {
	ref := metav1.GetControllerOf(pod)
	if ref == nil || ref.Kind != c.kind.kind.Kind {
		return nil, false
	}
	rs, ok := c.kind.lookup(pod.Namespace + "/" + ref.Name)
	return rs, ok && rs.UID == ref.UID
}

func (c *Controller) podAdded(pod *corev1.Pod) {
	if pod.DeletionTimestamp != nil {
		c.podDeleted(pod) // seen first when already on its way out
		return
	}
	if metav1.GetControllerOf(pod) == nil {
		c.enqueueMatching(pod)
		return
	}
	if rs, ok := c.owner(pod); ok {
		c.expect.Created(controller.Key(rs))
		c.Enqueue(rs)
	}
}

func (c *Controller) podUpdated(old, pod *corev1.Pod) {
	if pod.DeletionTimestamp != nil {
		// A pod that is being deleted counts as gone: its replacement must not
		// wait for the end of its grace period.
		c.podDeleted(pod)
		return
	}
	was, is := metav1.GetControllerOf(old), metav1.GetControllerOf(pod)
	if was != nil && (is == nil || is.UID != was.UID) {
		if rs, ok := c.owner(old); ok {
			c.Enqueue(rs)
		}
	}
	if rs, ok := c.owner(pod); ok {
		c.Enqueue(rs)
	} else if is == nil {
		c.enqueueMatching(pod)
	}
}

func (c *Controller) podDeleted(pod *corev1.Pod) {
	if rs, ok := c.owner(pod); ok {
		c.expect.Deleted(controller.Key(rs), controller.Key(pod))
		c.Enqueue(rs)
	}
}

// enqueueMatching enqueues all that might adopt an orphan.
func (c *Controller) enqueueMatching(pod *corev1.Pod) {
	for _, rs := range c.kind.inNS(pod.Namespace) {
		sel, err := metav1.LabelSelectorAsSelector(rs.Spec.Selector)
		if err == nil && !sel.Empty() && sel.Matches(labels.Set(pod.Labels)) {
			c.Enqueue(rs)
		}
	}
}
