package kubelet

// Upstream: pkg/kubelet/kubelet_pods.go (convertToAPIContainerStatuses)

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/kuberuntime"
	"kubergarten/engine/kubelet/status"
)

// Reasons of containers that wait for their turn.
const (
	containerCreating = "ContainerCreating"
	podInitializing   = "PodInitializing"
)

// statuses makes the API's statuses of containers of one pod.
type statuses struct {
	pod    *corev1.Pod
	status *container.PodStatus
	failed func(name string) (kuberuntime.Failure, bool) // why it could not be started
}

// of returns the statuses of the containers, given what was said of them before.
func (s *statuses) of(containers []corev1.Container, old []corev1.ContainerStatus, init bool) []corev1.ContainerStatus {
	var out []corev1.ContainerStatus
	for i := range containers {
		out = append(out, s.one(&containers[i], status.Find(old, containers[i].Name), init))
	}
	if !init {
		slices.SortFunc(out, func(a, b corev1.ContainerStatus) int { return cmp.Compare(a.Name, b.Name) })
	}
	return out
}

// one is the status of one container.
func (s *statuses) one(c *corev1.Container, old *corev1.ContainerStatus, init bool) corev1.ContainerStatus {
	var st corev1.ContainerStatus
	seen := s.newest(c.Name)
	if len(seen) > 0 {
		st = s.convert(c, seen[0], old)
		if len(seen) > 1 {
			st.LastTerminationState = s.convert(c, seen[1], old).State
		} else if old != nil && old.ContainerID != st.ContainerID {
			st.LastTerminationState = carried(old)
		} else if old != nil {
			st.LastTerminationState = old.LastTerminationState
		}
	} else {
		st = s.unseen(c, old)
	}
	st.VolumeMounts = volumeMounts(c)
	if init && s.initDone(c, &st, len(seen) > 0) {
		return st
	}
	s.waiting(c, &st)
	return st
}

// carried is what was last known of the end of a container that another replaced.
func carried(old *corev1.ContainerStatus) corev1.ContainerState {
	if old.State.Terminated != nil {
		return old.State
	}
	return old.LastTerminationState
}

// newest returns the two newest containers of that name.
func (s *statuses) newest(name string) []*container.Status {
	var out []*container.Status
	for _, st := range s.status.Containers {
		if st.Name == name && len(out) < 2 {
			out = append(out, st)
		}
	}
	return out
}

// convert words what the runtime knows of a container.
func (s *statuses) convert(c *corev1.Container, cs *container.Status, old *corev1.ContainerStatus) corev1.ContainerStatus {
	st := corev1.ContainerStatus{
		Name: cs.Name, RestartCount: cs.RestartCount, Image: cs.Image, ImageID: cs.ImageRef, ContainerID: cs.ID.String(),
		Resources: resourcesOf(c, cs), AllocatedResources: c.Resources.Requests,
	}
	switch cs.State {
	case container.Running:
		st.State.Running = &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(cs.StartedAt)}
	case container.Exited:
		st.State.Terminated = &corev1.ContainerStateTerminated{
			ExitCode: cs.ExitCode, Reason: cs.Reason, Message: cs.Message,
			StartedAt: metav1.NewTime(cs.StartedAt), FinishedAt: metav1.NewTime(cs.FinishedAt), ContainerID: cs.ID.String(),
		}
	case container.Unknown:
		if old != nil && old.State.Running != nil {
			st.State.Terminated = lost("The container could not be located when the pod was terminated")
			st.RestartCount = old.RestartCount + 1
			break
		}
		fallthrough
	default:
		st.State.Waiting = &corev1.ContainerStateWaiting{}
	}
	return st
}

func lost(message string) *corev1.ContainerStateTerminated {
	return &corev1.ContainerStateTerminated{Reason: container.ReasonStatusUnknown, Message: message, ExitCode: 137}
}

// resourcesOf is what the container has been given.
func resourcesOf(c *corev1.Container, cs *container.Status) *corev1.ResourceRequirements {
	r := c.Resources.DeepCopy()
	linux := cs.Resources.GetLinux()
	if cs.State != container.Running || linux == nil {
		return r
	}
	if _, ok := r.Limits[corev1.ResourceMemory]; ok && linux.MemoryLimitInBytes > 0 {
		r.Limits[corev1.ResourceMemory] = *resource.NewQuantity(linux.MemoryLimitInBytes, r.Limits.Memory().Format)
	}
	return r
}

// unseen is the status of a container that the runtime does not have: not yet,
// or not any more.
func (s *statuses) unseen(c *corev1.Container, old *corev1.ContainerStatus) corev1.ContainerStatus {
	st := corev1.ContainerStatus{Name: c.Name, Image: c.Image}
	st.State.Waiting = &corev1.ContainerStateWaiting{Reason: containerCreating}
	if len(s.pod.Spec.InitContainers) > 0 {
		st.State.Waiting.Reason = podInitializing
	}
	if old == nil {
		return st
	}
	if old.State.Terminated != nil {
		return *old.DeepCopy()
	}
	st.RestartCount, st.LastTerminationState = old.RestartCount, *old.LastTerminationState.DeepCopy()
	if old.State.Running != nil && st.LastTerminationState.Terminated == nil {
		st.LastTerminationState.Terminated = lost("The container could not be located when the pod was deleted.  The container used to be Running")
		if s.pod.DeletionTimestamp == nil {
			st.RestartCount++
		}
	}
	return st
}

// initDone reports whether an init container has done its work; one of which
// nothing is left must have, if an app container was ever made.
func (s *statuses) initDone(c *corev1.Container, st *corev1.ContainerStatus, seen bool) bool {
	if seen {
		return st.State.Terminated != nil && st.State.Terminated.ExitCode == 0
	}
	if !container.AnyRegularCreated(s.pod, s.status) || container.IsSidecar(c) || st.State.Waiting == nil {
		return false
	}
	st.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		Reason:  "Completed",
		Message: "Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally",
	}}
	return true
}

// waiting gives a container that could not be started the reason for that.
func (s *statuses) waiting(c *corev1.Container, st *corev1.ContainerStatus) {
	if !container.ShouldRestart(c, s.pod, s.status) {
		return
	}
	why, ok := s.failed(c.Name)
	if !ok {
		return
	}
	if st.State.Terminated != nil {
		st.LastTerminationState = st.State
	}
	st.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: why.Reason.Error(), Message: why.Message}}
}

func volumeMounts(c *corev1.Container) []corev1.VolumeMountStatus {
	var out []corev1.VolumeMountStatus
	for _, v := range c.VolumeMounts {
		st := corev1.VolumeMountStatus{Name: v.Name, MountPath: v.MountPath, ReadOnly: v.ReadOnly}
		if v.ReadOnly {
			mode := corev1.RecursiveReadOnlyDisabled
			st.RecursiveReadOnly = &mode
		}
		out = append(out, st)
	}
	return out
}
