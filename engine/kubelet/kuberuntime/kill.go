package kuberuntime

// Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go (killContainer)

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/events"
	"kubergarten/engine/kubelet/prober"
)

// minimumGrace is what every container gets to end by itself.
const minimumGrace = 2 * time.Second

type sandboxStatus = v1.PodSandboxStatus

// grace is how long a container has from SIGTERM to SIGKILL; probe is the one
// that failed, if it is about that.
func (m *Manager) grace(pod *corev1.Pod, probe *corev1.Probe) time.Duration {
	switch {
	case pod.DeletionGracePeriodSeconds != nil:
		return time.Duration(*pod.DeletionGracePeriodSeconds) * time.Second
	case probe != nil && probe.TerminationGracePeriodSeconds != nil:
		return time.Duration(*probe.TerminationGracePeriodSeconds) * time.Second
	case pod.Spec.TerminationGracePeriodSeconds != nil:
		return time.Duration(*pod.Spec.TerminationGracePeriodSeconds) * time.Second
	}
	return minimumGrace
}

// KillPod ends all containers of the pod, the app's before its sidecars, and
// then its sandboxes. override is a grace period that counts instead of the
// pod's own.
func (m *Manager) KillPod(ctx context.Context, pod *corev1.Pod, p *container.PodStatus, override *time.Duration) error {
	grace := m.grace(pod, nil)
	if override != nil {
		grace = *override
	}
	start := m.Clock.Now()
	apps, sidecars := split(pod, p.Running())
	if err := m.killAll(ctx, pod, apps, grace); err != nil {
		return err
	}
	for _, st := range sidecars {
		left := max(grace-m.Clock.Since(start), 0)
		if err := m.killAll(ctx, pod, []*container.Status{st}, left); err != nil {
			return err
		}
	}
	return m.stopSandboxes(ctx, p.UID)
}

// split separates the sidecars, last one first.
func split(pod *corev1.Pod, all []*container.Status) (apps, sidecars []*container.Status) {
	for _, st := range all {
		i := slices.IndexFunc(pod.Spec.InitContainers, func(c corev1.Container) bool { return c.Name == st.Name })
		if i >= 0 && container.IsSidecar(&pod.Spec.InitContainers[i]) {
			sidecars = append(sidecars, st)
		} else {
			apps = append(apps, st)
		}
	}
	place := func(st *container.Status) int {
		return slices.IndexFunc(pod.Spec.InitContainers, func(c corev1.Container) bool { return c.Name == st.Name })
	}
	slices.SortFunc(sidecars, func(a, b *container.Status) int { return place(b) - place(a) })
	return apps, sidecars
}

func (m *Manager) killAll(ctx context.Context, pod *corev1.Pod, all []*container.Status, grace time.Duration) error {
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i, st := range all {
		wg.Go(func() {
			e, err := m.engineOfContainer(ctx, st.ID)
			if errors.Is(err, cri.ErrNotFound) {
				return
			}
			errs[i] = m.killContainer(ctx, e, pod, st, container.Spec(pod, st.Name), "", grace)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// killContainer runs the preStop hook, within the grace period, and stops the
// container with what is left of it.
func (m *Manager) killContainer(ctx context.Context, e *engine, pod *corev1.Pod, st *container.Status, spec *corev1.Container, message string, grace time.Duration) error {
	if message == "" {
		message = "Stopping container " + st.Name
	}
	m.Recorder.Event(container.Ref(pod, st.Name), corev1.EventTypeNormal, events.KillingContainer, message)
	if spec != nil && spec.Lifecycle != nil && spec.Lifecycle.PreStop != nil && grace > 0 {
		grace -= m.preStop(ctx, e, pod, st, spec, grace)
	}
	err := e.StopContainer(ctx, st.ID.ID, max(grace, minimumGrace))
	if err != nil && !errors.Is(err, cri.ErrNotFound) {
		return fmt.Errorf("stop container %s: %w", st.Name, err)
	}
	return nil
}

// preStop runs the hook and returns how long that took.
func (m *Manager) preStop(ctx context.Context, e *engine, pod *corev1.Pod, st *container.Status, spec *corev1.Container, grace time.Duration) time.Duration {
	start := m.Clock.Now()
	hctx, cancel := prober.Within(ctx, m.Clock, grace)
	defer cancel()
	ip := ""
	if s, err := e.PodSandboxStatus(ctx, st.SandboxID); err == nil {
		ip = first(addresses(s))
	}
	_, err := m.Hooks.Run(hctx, st.ID, pod, spec, spec.Lifecycle.PreStop, ip)
	if err != nil && hctx.Err() == nil {
		m.Recorder.Event(container.Ref(pod, st.Name), corev1.EventTypeWarning, events.FailedPreStopHook, "PreStopHook failed")
	}
	return m.Clock.Since(start).Truncate(time.Second)
}

func (m *Manager) stopSandboxes(ctx context.Context, uid types.UID) error {
	var errs []error
	for _, e := range m.runtimes {
		all, err := e.ListPodSandbox(ctx, &v1.PodSandboxFilter{LabelSelector: byPod(uid)})
		errs = append(errs, err)
		for _, s := range all {
			errs = append(errs, e.StopPodSandbox(ctx, s.Id))
		}
	}
	return errors.Join(errs...)
}
