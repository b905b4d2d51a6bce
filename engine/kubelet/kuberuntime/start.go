package kuberuntime

// Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go (startContainer)

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/events"
	"kubergarten/engine/kubelet/images"
	kubetypes "kubergarten/engine/kubelet/types"
	"kubergarten/engine/trace"
)

// startContainer pulls the image, creates the container, starts it and runs its
// postStart hook.
func (t *turn) startContainer(ctx context.Context, c *corev1.Container, target string) *Failure {
	m := t.m
	ref := container.Ref(t.pod, c.Name)
	fail := func(reason error, err error) *Failure {
		m.Recorder.Eventf(ref, corev1.EventTypeWarning, events.FailedToCreateContainer, "Error: %v", err)
		return &Failure{reason, err.Error()}
	}
	scfg, err := m.sandboxConfig(t.pod, t.attempt)
	if err != nil {
		return fail(ErrCreateContainerConfig, err)
	}
	image, msg, err := m.Images.EnsureImageExists(ctx, images.Request{
		Pod: t.pod, Ref: ref, Image: c.Image, Policy: c.ImagePullPolicy, Secrets: t.secrets,
		Sandbox: scfg, Handler: t.handler, Images: t.engine.images,
	})
	if err != nil {
		m.Recorder.Eventf(ref, corev1.EventTypeWarning, events.FailedToCreateContainer, "Error: %v", err)
		return &Failure{err, msg}
	}
	m.emit(trace.Pulled, t.pod, "image %s is there for container %s", c.Image, c.Name)
	cfg, err := t.containerConfig(ctx, c, image, target)
	if err != nil {
		return fail(ErrCreateContainerConfig, err)
	}
	id, err := t.engine.CreateContainer(ctx, t.sandbox, cfg, scfg)
	if err != nil {
		return fail(ErrCreateContainer, err)
	}
	m.Recorder.Event(ref, corev1.EventTypeNormal, events.CreatedContainer, "Container created")
	if err := t.engine.StartContainer(ctx, id); err != nil {
		return fail(ErrRunContainer, err)
	}
	m.Recorder.Event(ref, corev1.EventTypeNormal, events.StartedContainer, "Container started")
	m.emit(trace.Started, t.pod, "container %s runs", c.Name)
	return t.postStart(ctx, c, container.ID{Type: t.engine.name(ctx), ID: id})
}

func (t *turn) postStart(ctx context.Context, c *corev1.Container, id container.ID) *Failure {
	if c.Lifecycle == nil || c.Lifecycle.PostStart == nil {
		return nil
	}
	msg, err := t.m.Hooks.Run(ctx, id, t.pod, c, c.Lifecycle.PostStart, first(t.ips))
	if err == nil {
		return nil
	}
	t.m.Recorder.Event(container.Ref(t.pod, c.Name), corev1.EventTypeWarning, events.FailedPostStartHook, "PostStartHook failed")
	st := &container.Status{ID: id, Name: c.Name}
	if err := t.m.killContainer(ctx, t.engine, t.pod, st, c, "FailedPostStartHook", t.m.grace(t.pod, nil)); err != nil {
		t.m.Log.ErrorContext(ctx, "Failed to kill container", "pod", kubetypes.Format(t.pod), "container", c.Name, "err", err)
	}
	return &Failure{ErrPostStartHook, msg}
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

// waits says whether the container must wait for its back-off, and until when.
func (m *Manager) waits(pod *corev1.Pod, c *corev1.Container, p *container.PodStatus) (*Failure, time.Time) {
	var last *container.Status
	for _, st := range p.Containers {
		if st.Name == c.Name && st.State == container.Exited {
			last = st
			break
		}
	}
	if last == nil {
		return nil, time.Time{}
	}
	key := fmt.Sprintf("%s_%s_%s_%s_%s", pod.Name, pod.Namespace, pod.UID, c.Name, container.Hash(c))
	if !m.backOff.IsInBackOffSince(key, last.FinishedAt) {
		m.backOff.Next(key, last.FinishedAt)
		return nil, time.Time{}
	}
	m.Recorder.Eventf(container.Ref(pod, c.Name), corev1.EventTypeWarning, events.BackOffStartContainer,
		"Back-off restarting failed container %s in pod %s", c.Name, kubetypes.Format(pod))
	wait := m.backOff.Get(key)
	msg := fmt.Sprintf("back-off %s restarting failed container=%s pod=%s", wait, c.Name, kubetypes.Format(pod))
	return &Failure{ErrCrashLoopBackOff, msg}, last.FinishedAt.Add(wait)
}
