package kuberuntime

// Upstream: pkg/kubelet/kuberuntime/kuberuntime_manager.go (SyncPod)

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/events"
	kubetypes "kubergarten/engine/kubelet/types"
	"kubergarten/engine/trace"
)

// A Failure is why a container was not started.
type Failure struct {
	Reason  error // its text is the reason in the container's status
	Message string
}

// A Result is what SyncPod did.
type Result struct {
	Started []string           // containers
	Failed  map[string]Failure // by container
	Err     error              // of what concerns the whole pod
	RetryAt time.Time          // when a back-off is over; zero: none
	Changed bool               // anything was done in the runtime
}

// Error sums the failures up.
func (r *Result) Error() error {
	errs := []error{r.Err}
	for name, f := range r.Failed {
		errs = append(errs, fmt.Errorf("failed to \"StartContainer\" for %q with %w: %q", name, f.Reason, f.Message))
	}
	return errors.Join(errs...)
}

// OnlyBackOff reports whether nothing failed but what waits for its back-off.
func (r *Result) OnlyBackOff() bool {
	if r.Err != nil || len(r.Failed) == 0 {
		return false
	}
	for _, f := range r.Failed {
		if f.Reason != ErrCrashLoopBackOff { // never wrapped
			return false
		}
	}
	return true
}

func (r *Result) fail(name string, f Failure) {
	if r.Failed == nil {
		r.Failed = map[string]Failure{}
	}
	r.Failed[name] = f
}

// turn is one SyncPod at work.
type turn struct {
	m       *Manager
	pod     *corev1.Pod
	status  *container.PodStatus
	secrets []corev1.Secret
	engine  *engine
	handler string
	sandbox string
	attempt uint32
	ips     []string
	result  Result
}

// SyncPod brings the runtime to where the pod's spec is, as far as that goes
// now. status is what the runtime has; its addresses may be those of the node.
func (m *Manager) SyncPod(ctx context.Context, pod *corev1.Pod, status *container.PodStatus, secrets []corev1.Secret) Result {
	t := &turn{m: m, pod: pod, status: status, secrets: secrets, ips: status.IPs}
	if t.engine, t.handler, t.result.Err = m.engineFor(pod); t.result.Err != nil {
		msg := fmt.Sprintf("Failed to create pod sandbox: %v", t.result.Err)
		m.Recorder.Event(container.PodRef(pod), corev1.EventTypeWarning, events.FailedCreatePodSandBox, msg)
		return t.result
	}
	v := &view{pod, status, m.Liveness.Get, m.Startup.Get}
	t.do(ctx, v.compute())
	return t.result
}

func (t *turn) do(ctx context.Context, a Actions) {
	if a.CreateSandbox && a.SandboxID != "" {
		t.m.Recorder.Event(container.PodRef(t.pod), corev1.EventTypeNormal, events.SandboxChanged, "Pod sandbox changed, it will be killed and re-created.")
	}
	if !t.kill(ctx, a) {
		return
	}
	t.m.collect(ctx, t.engine, t.status)
	t.sandbox, t.attempt = a.SandboxID, a.Attempt
	if a.CreateSandbox && !t.createSandbox(ctx) {
		return
	}
	if a.KillPod && !a.CreateSandbox {
		return
	}
	t.startAll(ctx, a)
}

// kill ends what must not run on, and reports whether the turn goes on.
func (t *turn) kill(ctx context.Context, a Actions) bool {
	if a.KillPod {
		t.result.Changed = t.result.Changed || len(t.status.Running()) > 0
		if err := t.m.KillPod(ctx, t.pod, t.status, nil); err != nil {
			t.result.Err = err
			return false
		}
		return true
	}
	for _, k := range a.Kill {
		t.result.Changed = true
		if err := t.m.killContainer(ctx, t.engine, t.pod, k.Status, k.Spec, k.Message, t.m.grace(t.pod, k.Probe)); err != nil {
			t.result.Err = fmt.Errorf("failed to \"KillContainer\" for %q: %w", k.Spec.Name, err)
			return false
		}
	}
	return true
}

// startAll starts containers: for debugging, then init ones in order, then the app's.
func (t *turn) startAll(ctx context.Context, a Actions) {
	for _, i := range a.StartDebug {
		e := &t.pod.Spec.EphemeralContainers[i]
		t.start(ctx, (*corev1.Container)(&e.EphemeralContainerCommon), e.TargetContainerName)
	}
	for _, i := range a.StartInit {
		c := &t.pod.Spec.InitContainers[i]
		if !t.start(ctx, c, "") && !container.IsSidecar(c) {
			return
		}
	}
	for _, i := range a.Start {
		t.start(ctx, &t.pod.Spec.Containers[i], "")
	}
}

// start starts one container, or says in the result why not.
func (t *turn) start(ctx context.Context, c *corev1.Container, target string) bool {
	if f, at := t.m.waits(t.pod, c, t.status); f != nil {
		t.result.fail(c.Name, *f)
		if t.result.RetryAt.IsZero() || at.Before(t.result.RetryAt) {
			t.result.RetryAt = at
		}
		return false
	}
	if f := t.startContainer(ctx, c, target); f != nil {
		t.result.fail(c.Name, *f)
		return false
	}
	t.result.Started, t.result.Changed = append(t.result.Started, c.Name), true
	return true
}

// createSandbox makes the pod's sandbox and learns its address.
func (t *turn) createSandbox(ctx context.Context) bool {
	m, ref := t.m, container.PodRef(t.pod)
	id, err := m.runSandbox(ctx, t.engine, t.pod, t.handler, t.attempt)
	if err != nil {
		if !m.Helper.TerminationRequested(t.pod.UID) {
			m.Recorder.Eventf(ref, corev1.EventTypeWarning, events.FailedCreatePodSandBox, "Failed to create pod sandbox: %v", err)
			t.result.Err = fmt.Errorf("failed to \"CreatePodSandbox\" for %q with CreatePodSandboxError: %w", kubetypes.Format(t.pod), err)
		}
		return false
	}
	t.sandbox, t.result.Changed = id, true
	st, err := t.engine.PodSandboxStatus(ctx, id)
	if err != nil {
		m.Recorder.Eventf(ref, corev1.EventTypeWarning, events.FailedStatusPodSandBox, "Unable to get pod sandbox status: %v", err)
		t.result.Err = err
		return false
	}
	if !t.pod.Spec.HostNetwork {
		t.ips = addresses(st)
	}
	m.emit(trace.Sandboxed, t.pod, "the infra container of pod %s/%s runs, with address %v", t.pod.Namespace, t.pod.Name, t.ips)
	fresh := *t.status
	fresh.Sandboxes = append([]*sandboxStatus{st}, fresh.Sandboxes...)
	fresh.IPs = t.ips
	m.Helper.SandboxReady(t.pod, &fresh)
	return true
}
