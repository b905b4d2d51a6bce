package plugins

// Upstream: pkg/scheduler/framework/plugins/queuesort

import (
	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/scheduler/framework"
)

// PrioritySort puts pods of higher priority first, and of equals the one that
// has waited longer.
type PrioritySort struct{}

var _ framework.QueueSortPlugin = PrioritySort{}

// Name returns the plugin's name.
func (PrioritySort) Name() string { return "PrioritySort" }

// Less reports whether a comes before b.
func (PrioritySort) Less(a, b *framework.QueuedPodInfo) bool {
	pa, pb := priority(a.Pod), priority(b.Pod)
	return pa > pb || pa == pb && a.Timestamp.Before(b.Timestamp)
}

func priority(pod *corev1.Pod) int32 {
	if pod.Spec.Priority == nil {
		return 0
	}
	return *pod.Spec.Priority
}
