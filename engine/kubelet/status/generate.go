package status

// Upstream: pkg/kubelet/status/generate.go

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/kubelet/container"
)

// Reasons of conditions.
const (
	UnknownContainerStatuses = "UnknownContainerStatuses"
	PodCompleted             = "PodCompleted"
	PodFailed                = "PodFailed"
	ContainersNotReady       = "ContainersNotReady"
	ContainersNotInitialized = "ContainersNotInitialized"
	ReadinessGatesNotReady   = "ReadinessGatesNotReady"
)

func condition(pod *corev1.Pod, t corev1.PodConditionType, ok bool, reason, message string) corev1.PodCondition {
	c := corev1.PodCondition{Type: t, Status: corev1.ConditionFalse, Reason: reason, Message: message, ObservedGeneration: pod.Generation}
	if ok {
		c.Status = corev1.ConditionTrue
	}
	return c
}

// Find returns the status of the container of that name, or nil.
func Find(statuses []corev1.ContainerStatus, name string) *corev1.ContainerStatus {
	for i := range statuses {
		if statuses[i].Name == name {
			return &statuses[i]
		}
	}
	return nil
}

// sort splits container names by what is said of them.
func sort(containers []corev1.Container, statuses []corev1.ContainerStatus, want func(*corev1.Container) bool, good func(*corev1.Container, *corev1.ContainerStatus) bool) (unknown, bad []string) {
	for i := range containers {
		c := &containers[i]
		if !want(c) {
			continue
		}
		switch st := Find(statuses, c.Name); {
		case st == nil:
			unknown = append(unknown, c.Name)
		case !good(c, st):
			bad = append(bad, c.Name)
		}
	}
	return unknown, bad
}

func words(unknown, bad []string, what string) string {
	var out []string
	if len(unknown) > 0 {
		out = append(out, fmt.Sprintf("containers with unknown status: %s", unknown))
	}
	if len(bad) > 0 {
		out = append(out, fmt.Sprintf("containers with %s status: %s", what, bad))
	}
	return strings.Join(out, ", ")
}

// ContainersReady says whether all containers are ready.
func ContainersReady(pod *corev1.Pod, statuses []corev1.ContainerStatus, phase corev1.PodPhase) corev1.PodCondition {
	t := corev1.ContainersReady
	if statuses == nil {
		return condition(pod, t, false, UnknownContainerStatuses, "")
	}
	ready := func(_ *corev1.Container, st *corev1.ContainerStatus) bool { return st.Ready }
	unknown, bad := sort(pod.Spec.InitContainers, statuses, container.IsSidecar, ready)
	u, b := sort(pod.Spec.Containers, statuses, func(*corev1.Container) bool { return true }, ready)
	unknown, bad = append(unknown, u...), append(bad, b...)
	switch {
	case phase == corev1.PodSucceeded && len(unknown) == 0:
		return condition(pod, t, false, PodCompleted, "")
	case phase == corev1.PodFailed:
		return condition(pod, t, false, PodFailed, "")
	}
	if msg := words(unknown, bad, "unready"); msg != "" {
		return condition(pod, t, false, ContainersNotReady, msg)
	}
	return condition(pod, t, true, "", "")
}

// PodReady says whether the pod is ready: its containers are, and all its gates
// are open in conditions.
func PodReady(pod *corev1.Pod, conditions []corev1.PodCondition, statuses []corev1.ContainerStatus, phase corev1.PodPhase) corev1.PodCondition {
	c := ContainersReady(pod, statuses, phase)
	c.Type = corev1.PodReady
	if c.Status != corev1.ConditionTrue {
		return c
	}
	var shut []string
	for _, gate := range pod.Spec.ReadinessGates {
		i := slices.IndexFunc(conditions, func(c corev1.PodCondition) bool { return c.Type == gate.ConditionType })
		if i < 0 {
			shut = append(shut, fmt.Sprintf("corresponding condition of pod readiness gate %q does not exist.", string(gate.ConditionType)))
		} else if conditions[i].Status != corev1.ConditionTrue {
			shut = append(shut, fmt.Sprintf("the status of pod readiness gate %q is not \"True\", but %v", string(gate.ConditionType), conditions[i].Status))
		}
	}
	if len(shut) > 0 {
		return condition(pod, corev1.PodReady, false, ReadinessGatesNotReady, strings.Join(shut, ", "))
	}
	return c
}

// Initialized says whether all init containers have done their work.
func Initialized(pod *corev1.Pod, statuses []corev1.ContainerStatus, phase corev1.PodPhase) corev1.PodCondition {
	t := corev1.PodInitialized
	if statuses == nil && len(pod.Spec.InitContainers) > 0 {
		return condition(pod, t, false, UnknownContainerStatuses, "")
	}
	done := func(c *corev1.Container, st *corev1.ContainerStatus) bool {
		if container.IsSidecar(c) {
			return st.Started != nil && *st.Started
		}
		return st.Ready
	}
	unknown, bad := sort(pod.Spec.InitContainers, statuses, func(*corev1.Container) bool { return true }, done)
	switch {
	case phase == corev1.PodSucceeded && len(unknown) == 0:
		return condition(pod, t, true, PodCompleted, "")
	case anyStarted(pod, statuses):
		return condition(pod, t, true, "", "")
	}
	if msg := words(unknown, bad, "incomplete"); msg != "" {
		return condition(pod, t, false, ContainersNotInitialized, msg)
	}
	return condition(pod, t, true, "", "")
}

// anyStarted reports whether an app container has run: then init is over, even
// if a sidecar is being restarted.
func anyStarted(pod *corev1.Pod, statuses []corev1.ContainerStatus) bool {
	return slices.ContainsFunc(pod.Spec.Containers, func(c corev1.Container) bool {
		st := Find(statuses, c.Name)
		return st != nil && (st.State.Running != nil || st.State.Terminated != nil)
	})
}

// ReadyToStart says whether the pod has a sandbox with a network.
func ReadyToStart(pod *corev1.Pod, p *container.PodStatus) corev1.PodCondition {
	changed, _, _ := container.SandboxChanged(pod, p)
	return condition(pod, corev1.PodReadyToStartContainers, !changed, "", "")
}

// Scheduled is true of every pod that a kubelet sees.
func Scheduled(pod *corev1.Pod) corev1.PodCondition {
	return condition(pod, corev1.PodScheduled, true, "", "")
}
