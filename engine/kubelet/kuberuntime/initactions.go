package kuberuntime

// Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go (computeInitContainerActions)

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/prober"
)

// initActions decides about the init containers and reports whether they have
// done their work. It looks at them from the last to the first: the last one
// that left a trace tells how far the pod has come, for traces of earlier ones
// may have been removed; from there on only sidecars need care.
func (v *view) initActions(a *Actions) (initialized bool) {
	n := len(v.pod.Spec.InitContainers)
	if n == 0 {
		return true
	}
	initialized = v.anyAppAlive()
	passed := initialized
	for i := n - 1; i >= 0; i-- {
		c := &v.pod.Spec.InitContainers[i]
		st := v.status.Find(c.Name)
		sidecar := container.IsSidecar(c)
		if st == nil {
			if passed && sidecar {
				a.StartInit = append(a.StartInit, i)
			}
			continue
		}
		if passed && !sidecar {
			continue
		}
		var done bool
		if sidecar {
			done = v.sidecar(a, i, c, st)
		} else if done = v.initContainer(a, i, c, st); a.KillPod {
			a.StartInit = nil
			return false
		}
		if done {
			if i == n-1 {
				initialized = true
			} else if !passed {
				a.StartInit = append(a.StartInit, i+1)
			}
		}
		passed = true
	}
	if !passed {
		a.StartInit = append(a.StartInit, 0)
	}
	slices.Reverse(a.StartInit)
	a.StartInit = slices.Compact(a.StartInit)
	return initialized
}

// anyAppAlive reports whether an app container is there, so that the init
// containers must have done their work.
func (v *view) anyAppAlive() bool {
	return slices.ContainsFunc(v.pod.Spec.Containers, func(c corev1.Container) bool {
		st := v.status.Find(c.Name)
		return st != nil && (st.State == container.Created || st.State == container.Running)
	})
}

// initContainer decides about one that runs to completion, and reports whether it has.
func (v *view) initContainer(a *Actions, i int, c *corev1.Container, st *container.Status) (done bool) {
	switch st.State {
	case container.Running:
		return false
	case container.Created:
		a.StartInit = append(a.StartInit, i)
		return false
	case container.Exited:
		if st.ExitCode == 0 {
			return true
		}
		if !container.RestartsAfter(c, v.pod, st.ExitCode) {
			a.KillPod = true
			return false
		}
		a.StartInit = append(a.StartInit, i)
		return false
	}
	if !container.RestartOnFailure(v.pod) {
		a.KillPod = true
		return false
	}
	a.Kill = append(a.Kill, Kill{st, c, fmt.Sprintf("Init container is in %q state, try killing it before restart", st.State), nil})
	a.StartInit = append(a.StartInit, i)
	return false
}

// sidecar decides about one that runs beside the app, and reports whether the
// next may start.
func (v *view) sidecar(a *Actions, i int, c *corev1.Container, st *container.Status) (done bool) {
	if st.State != container.Running {
		a.StartInit = append(a.StartInit, i)
		return false
	}
	restart := func(message string, probe *corev1.Probe) {
		a.Kill = append(a.Kill, Kill{st, c, message, probe})
		a.StartInit = append(a.StartInit, i)
	}
	if c.StartupProbe != nil {
		if v.failed(v.startup, st.ID) {
			restart(fmt.Sprintf("Init container %s failed startup probe", c.Name), c.StartupProbe)
			return false
		}
		if r, ok := v.startup(st.ID); !ok || r != prober.Success {
			return false
		}
	}
	switch {
	case st.Hash != container.Hash(c):
		restart(fmt.Sprintf("Init container %s definition changed", c.Name), nil)
	case v.failed(v.liveness, st.ID):
		restart(fmt.Sprintf("Init container %s failed liveness probe", c.Name), c.LivenessProbe)
	}
	return true
}
