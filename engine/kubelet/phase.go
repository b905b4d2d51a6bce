package kubelet

// Upstream: pkg/kubelet/kubelet_pods.go (getPhase)

import (
	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/status"
	"kubergarten/engine/kubelet/types"
)

// tally counts how the containers of a pod are.
type tally struct {
	unknown, running, waiting int
	stopped, final, succeeded int // final: those that are not restarted
	pendingInit               int // init containers that have not done their work
	pendingSidecars           int
	failedInit                int // init containers that failed for good
}

// ended is the exit code of a container that has ended and not been restarted.
func ended(st *corev1.ContainerStatus) *corev1.ContainerStateTerminated {
	switch {
	case st.State.Terminated != nil:
		return st.State.Terminated
	case st.State.Waiting != nil:
		return st.LastTerminationState.Terminated
	}
	return nil
}

func (t *tally) init(pod *corev1.Pod, c *corev1.Container, st *corev1.ContainerStatus) {
	end := (*corev1.ContainerStateTerminated)(nil)
	if st != nil {
		end = ended(st)
	}
	switch {
	case end == nil:
		t.pendingInit++
	case end.ExitCode != 0 && !container.RestartsAfter(c, pod, end.ExitCode):
		t.failedInit++
	}
}

func (t *tally) sidecar(st *corev1.ContainerStatus) {
	switch {
	case st == nil:
		t.unknown++
	case st.State.Running != nil:
		if st.Started == nil || !*st.Started {
			t.pendingSidecars++
		}
		t.running++
	case st.State.Terminated != nil, st.State.Waiting != nil && st.LastTerminationState.Terminated != nil:
	case st.State.Waiting != nil:
		t.pendingSidecars++
		t.waiting++
	default:
		t.pendingSidecars++
		t.unknown++
	}
}

func (t *tally) app(pod *corev1.Pod, c *corev1.Container, st *corev1.ContainerStatus) {
	if st == nil {
		t.unknown++
		return
	}
	end := ended(st)
	switch {
	case st.State.Running != nil:
		t.running++
	case end != nil:
		t.stopped++
		if !container.RestartsAfter(c, pod, end.ExitCode) {
			t.final++
		}
		if end.ExitCode == 0 && st.State.Terminated != nil {
			t.succeeded++
		}
	case st.State.Waiting != nil:
		t.waiting++
	default:
		t.unknown++
	}
}

// phaseOf is the phase that follows from the statuses of the pod's containers.
// terminal: none is started again. initialized: app containers have run.
func phaseOf(pod *corev1.Pod, statuses []corev1.ContainerStatus, terminal, initialized bool) corev1.PodPhase {
	var t tally
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		if st := status.Find(statuses, c.Name); container.IsSidecar(c) {
			t.sidecar(st)
		} else {
			t.init(pod, c, st)
		}
	}
	for i := range pod.Spec.Containers {
		c := &pod.Spec.Containers[i]
		t.app(pod, c, status.Find(statuses, c.Name))
	}
	return t.phase(pod, terminal, initialized)
}

func (t *tally) phase(pod *corev1.Pod, terminal, initialized bool) corev1.PodPhase {
	switch {
	case t.failedInit > 0:
		return corev1.PodFailed
	case t.pendingInit > 0, t.pendingSidecars > 0 && !initialized, t.waiting > 0:
		return corev1.PodPending
	case t.running > 0 && t.unknown == 0:
		return corev1.PodRunning
	case t.running == 0 && t.stopped > 0 && t.unknown == 0:
		return t.stoppedPhase(pod, terminal)
	}
	return corev1.PodPending
}

func (t *tally) stoppedPhase(pod *corev1.Pod, terminal bool) corev1.PodPhase {
	switch {
	case t.stopped != t.final && (!terminal || types.IsStaticPod(pod)):
		return corev1.PodRunning // some are about to be restarted
	case t.stopped == t.succeeded:
		return corev1.PodSucceeded
	}
	return corev1.PodFailed
}
