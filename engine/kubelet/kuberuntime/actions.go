package kuberuntime

// Upstream: pkg/kubelet/kuberuntime/kuberuntime_manager.go (computePodActions)

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/prober"
)

// Actions is what has to be done for a pod.
type Actions struct {
	KillPod       bool // all of it, sandbox and containers
	CreateSandbox bool
	SandboxID     string // the present one
	Attempt       uint32 // of the sandbox to be
	Start         []int  // of spec.containers
	StartInit     []int  // of spec.initContainers, in order
	StartDebug    []int  // of spec.ephemeralContainers
	Kill          []Kill
}

// A Kill is one container that must go, and why.
type Kill struct {
	Status  *container.Status
	Spec    *corev1.Container
	Message string
	Probe   *corev1.Probe // whose verdict it is, for its grace period
}

// view is what actions are computed from.
type view struct {
	pod               *corev1.Pod
	status            *container.PodStatus
	liveness, startup func(container.ID) (prober.Result, bool)
}

// compute says what has to be done. It changes nothing.
func (v *view) compute() Actions {
	create, attempt, id := container.SandboxChanged(v.pod, v.status)
	a := Actions{KillPod: create, CreateSandbox: create, SandboxID: id, Attempt: attempt}
	if create {
		v.anew(&a)
		return a
	}
	for i := range v.pod.Spec.EphemeralContainers {
		if v.status.Find(v.pod.Spec.EphemeralContainers[i].Name) == nil {
			a.StartDebug = append(a.StartDebug, i)
		}
	}
	if !v.initActions(&a) || a.KillPod {
		return a
	}
	keep := 0
	for i := range v.pod.Spec.Containers {
		if v.containerAction(&a, i) {
			keep++
		}
	}
	if keep == 0 && len(a.Start) == 0 {
		a.KillPod, a.StartInit = true, nil
	}
	return a
}

// anew says what runs in a new sandbox, if there is anything left to run.
func (v *view) anew(a *Actions) {
	if !container.RestartOnFailure(v.pod) && a.Attempt != 0 && len(v.status.Containers) != 0 {
		a.CreateSandbox = false // it had its one life
		return
	}
	var start []int
	for i := range v.pod.Spec.Containers {
		if !v.succeededOnce(&v.pod.Spec.Containers[i]) {
			start = append(start, i)
		}
	}
	switch {
	case len(start) == 0 && container.AnyRegularCreated(v.pod, v.status):
		a.CreateSandbox = false
	case len(v.pod.Spec.InitContainers) > 0:
		a.StartInit = []int{0}
	default:
		a.Start = start
	}
}

// succeededOnce reports whether the container has done what it had to do.
func (v *view) succeededOnce(c *corev1.Container) bool {
	once := v.pod.Spec.RestartPolicy == corev1.RestartPolicyOnFailure
	if c.RestartPolicy != nil {
		once = *c.RestartPolicy == corev1.ContainerRestartPolicyOnFailure
	}
	st := v.status.Find(c.Name)
	return once && st != nil && st.State == container.Exited && st.ExitCode == 0
}

// containerAction decides about an app container and reports whether it is kept.
func (v *view) containerAction(a *Actions, i int) (keep bool) {
	c := &v.pod.Spec.Containers[i]
	st := v.status.Find(c.Name)
	if st == nil || st.State != container.Running {
		if container.ShouldRestart(c, v.pod, v.status) {
			a.Start = append(a.Start, i)
			if st != nil && st.State == container.Unknown {
				a.Kill = append(a.Kill, Kill{st, c, fmt.Sprintf("Container is in %q state, try killing it before restart", st.State), nil})
			}
		}
		return false
	}
	restart := container.RestartOnFailure(v.pod)
	if c.RestartPolicy != nil {
		restart = *c.RestartPolicy != corev1.ContainerRestartPolicyNever
	}
	kill := Kill{Status: st, Spec: c}
	switch {
	case st.Hash != container.Hash(c):
		kill.Message, restart = fmt.Sprintf("Container %s definition changed", c.Name), true
	case v.failed(v.liveness, st.ID):
		kill.Message, kill.Probe = fmt.Sprintf("Container %s failed liveness probe", c.Name), c.LivenessProbe
	case v.failed(v.startup, st.ID):
		kill.Message, kill.Probe = fmt.Sprintf("Container %s failed startup probe", c.Name), c.StartupProbe
	default:
		return true
	}
	if restart {
		kill.Message += ", will be restarted"
		a.Start = append(a.Start, i)
	}
	a.Kill = append(a.Kill, kill)
	return false
}

func (v *view) failed(results func(container.ID) (prober.Result, bool), id container.ID) bool {
	r, ok := results(id)
	return ok && r == prober.Failure
}
