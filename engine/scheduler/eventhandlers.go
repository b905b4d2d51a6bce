package scheduler

// Upstream: pkg/scheduler/eventhandlers.go

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	"kubergarten/engine/scheduler/framework"
	"kubergarten/engine/trace"
)

// watch connects the informers with the queue and the cache.
func (s *Scheduler) watch() error {
	nodes := client.InformerFor[*corev1.Node](s.informers, metav1.ListOptions{})
	_, err := nodes.OnChange(client.Handler[*corev1.Node]{
		Add:    func(n *corev1.Node) { s.cache.SetNode(n); s.queue.Happened(framework.NodeAdded) },
		Update: s.nodeUpdated,
		Delete: s.cache.RemoveNode,
	})
	_, perr := s.pods.OnChange(client.Handler[*corev1.Pod]{
		Add: s.podAdded, Update: s.podUpdated, Delete: s.podDeleted,
	})
	return errors.Join(err, perr)
}

// ours reports whether the pod waits for this scheduler.
func (s *Scheduler) ours(pod *corev1.Pod) bool {
	_, ok := s.profiles[pod.Spec.SchedulerName]
	return ok && pod.Spec.NodeName == ""
}

func (s *Scheduler) podAdded(pod *corev1.Pod) {
	switch {
	case pod.Spec.NodeName != "":
		s.cache.SetPod(pod)
	case s.ours(pod) && pod.DeletionTimestamp == nil:
		s.queue.Add(context.Background(), pod)
		s.trace(pod, trace.Queued, "waits to be scheduled")
	}
}

func (s *Scheduler) podUpdated(old, pod *corev1.Pod) {
	switch {
	case old.UID != pod.UID:
		s.podDeleted(old)
		s.podAdded(pod)
	case pod.Spec.NodeName != "":
		if old.Spec.NodeName == "" {
			s.queue.Delete(pod)
		}
		s.cache.SetPod(pod)
	case pod.DeletionTimestamp != nil:
		s.queue.Delete(pod)
	case s.ours(pod) && !s.cache.IsAssumed(pod):
		s.queue.Update(context.Background(), pod, specChanged(old, pod))
	}
}

// specChanged reports whether more than the status changed: our own writes to
// the status must not wake the pod.
func specChanged(old, pod *corev1.Pod) bool {
	return !equality.Semantic.DeepEqual(old.Spec, pod.Spec) || !equality.Semantic.DeepEqual(old.Labels, pod.Labels)
}

func (s *Scheduler) podDeleted(pod *corev1.Pod) {
	s.queue.Delete(pod)
	if pod.Spec.NodeName != "" {
		s.cache.RemovePod(pod)
		s.queue.Happened(framework.AssignedPodDeleted)
	}
}

func (s *Scheduler) nodeUpdated(old, node *corev1.Node) {
	if old.UID == node.UID && equality.Semantic.DeepEqual(old.Status.Images, node.Status.Images) && changes(old, node) == 0 {
		return // a heartbeat
	}
	s.cache.SetNode(node)
	if e := changes(old, node); e != 0 {
		s.queue.Happened(e)
	}
}

// changes is what is different in a node, as far as plugins care.
func changes(old, node *corev1.Node) (e framework.Event) {
	if !equality.Semantic.DeepEqual(old.Labels, node.Labels) {
		e |= framework.NodeLabelChanged
	}
	if !equality.Semantic.DeepEqual(old.Spec.Taints, node.Spec.Taints) {
		e |= framework.NodeTaintChanged
	}
	if !equality.Semantic.DeepEqual(old.Status.Allocatable, node.Status.Allocatable) {
		e |= framework.NodeAllocatableChanged
	}
	if old.Spec.Unschedulable != node.Spec.Unschedulable {
		e |= framework.NodeUnscheduleableChanged
	}
	return e
}
