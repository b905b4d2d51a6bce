package status

// Upstream: pkg/kubelet/status/status_manager.go (TerminatePod)

import (
	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/kubelet/container"
)

// endAll gives containers whose end nobody saw an end.
func endAll(statuses []corev1.ContainerStatus) {
	for i := range statuses {
		if statuses[i].State.Terminated != nil {
			continue
		}
		statuses[i].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			Reason:   container.ReasonStatusUnknown,
			Message:  "The container could not be located when the pod was terminated",
			ExitCode: 137,
		}}
	}
}

// hasInitialized reports whether the app containers had their turn.
func hasInitialized(pod *corev1.Pod, st *corev1.PodStatus) bool {
	if len(pod.Spec.InitContainers) == 0 {
		return true
	}
	for _, c := range st.ContainerStatuses {
		if c.LastTerminationState.Terminated != nil || c.State.Waiting == nil {
			return true
		}
	}
	n := len(st.InitContainerStatuses)
	if n == 0 || n > len(pod.Spec.InitContainers) {
		return false
	}
	last := &st.InitContainerStatuses[n-1]
	if container.IsSidecar(&pod.Spec.InitContainers[n-1]) {
		return last.State.Running != nil && last.Started != nil && *last.Started
	}
	return succeeded(last.LastTerminationState) || succeeded(last.State)
}

func succeeded(s corev1.ContainerState) bool {
	return s.Terminated != nil && s.Terminated.ExitCode == 0
}

// initialized returns all init containers up to the last that had its turn, and
// at least one.
func initialized(statuses []corev1.ContainerStatus) []corev1.ContainerStatus {
	for i := len(statuses) - 1; i >= 0; i-- {
		if statuses[i].State.Waiting == nil || statuses[i].LastTerminationState.Terminated != nil {
			return statuses[:i+1]
		}
	}
	return statuses[:min(1, len(statuses))]
}
