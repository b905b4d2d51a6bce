package prober

// Upstream: pkg/kubelet/prober/worker.go

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/status"
	"kubergarten/engine/kubelet/types"
)

// worker is one probe of one container. Its fields are guarded by m.mu, but
// while running is true those below belong to the run.
type worker struct {
	m         *Manager
	key       key
	pod       *corev1.Pod
	container *corev1.Container
	spec      *corev1.Probe
	results   *Results
	initial   Result
	timer     clock.Timer
	running   bool
	again     bool // a run was asked for while one went on
	waiting   bool // the last run found nothing to probe
	halted    bool

	id     container.ID // the container that the results are about
	met    time.Time    // when it was first seen
	onHold bool         // until there is a new container
	last   Result
	run    int // how often in a row last was seen
}

// after runs the probe once, d from now. m.mu is held.
func (w *worker) after(d time.Duration) {
	if w.m.ctx == nil || w.halted {
		return
	}
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	if w.running {
		w.again = true
		return
	}
	if d > 0 {
		w.timer = w.m.Clock.AfterFunc(d, w.fire)
		return
	}
	w.start()
}

// start begins a run. m.mu is held.
func (w *worker) start() {
	ctx := w.m.ctx
	w.running, w.again = true, false
	w.m.wg.Go(func() { w.once(ctx) })
}

func (w *worker) fire() {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	if w.m.ctx != nil && !w.halted && !w.running {
		w.start()
	}
}

// halt ends the worker; a run that goes on is its last. m.mu is held.
func (w *worker) halt() {
	w.halted = true
	if w.timer != nil {
		w.timer.Stop()
	}
}

// once is one run.
func (w *worker) once(ctx context.Context) {
	next, keep := time.Second, true
	defer func() {
		_ = recover() // a probe that panics is tried again
		w.m.mu.Lock()
		defer w.m.mu.Unlock()
		w.running = false
		switch {
		case w.halted:
			w.results.Remove(w.id)
		case !keep:
			w.halt()
			delete(w.m.workers, w.key)
		case w.again:
			w.start()
		default:
			w.after(next)
		}
	}()
	next, keep = w.do(ctx)
}

func period(spec *corev1.Probe) time.Duration {
	return time.Duration(max(spec.PeriodSeconds, 1)) * time.Second
}

// wait notes whether the worker waits for its container.
func (w *worker) wait(yes bool) {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	w.waiting = yes
}

// do probes if there is something to probe, and says when to come again.
func (w *worker) do(ctx context.Context) (next time.Duration, keep bool) {
	w.m.mu.Lock()
	pod, spec, c := w.pod, w.spec, w.container
	w.waiting = true
	w.m.mu.Unlock()
	next = period(spec)
	st, ok := w.m.Status(pod.UID)
	if !ok {
		return next, true
	}
	if types.IsTerminal(st.Phase) {
		return next, false
	}
	cs := find(&st, c.Name)
	if cs == nil || cs.ContainerID == "" {
		return next, true
	}
	w.meet(pod, container.ParseID(cs.ContainerID))
	if w.onHold {
		return next, true
	}
	if cs.State.Running == nil {
		w.results.Set(pod.UID, w.id, Failure)
		return next, cs.State.Terminated == nil || container.RestartsAfter(c, pod, cs.State.Terminated.ExitCode)
	}
	if pod.DeletionTimestamp != nil && w.key.kind != readiness {
		w.results.Set(pod.UID, w.id, Success)
		return next, false
	}
	started := cs.Started != nil && *cs.Started
	if started == (w.key.kind == startup) {
		return next, true
	}
	w.wait(false)
	if left := w.delay(cs, spec); left > 0 {
		return left, true
	}
	w.judge(pod, spec, w.m.probe(ctx, w.key.kind, pod, &st, c, spec, w.id))
	return next, true
}

// settling is what a container gets to come up before its first probe. Upstream
// gives it more: there the kubelet finds new containers by listing all of them,
// once a second.
const settling = 100 * time.Millisecond

// delay is what is left of the initial delay.
func (w *worker) delay(cs *corev1.ContainerStatus, spec *corev1.Probe) time.Duration {
	since := w.m.Clock.Since(cs.State.Running.StartedAt.Time)
	return max(time.Duration(spec.InitialDelaySeconds)*time.Second-since, settling-w.m.Clock.Since(w.met))
}

// meet begins anew with a container that it has not seen before.
func (w *worker) meet(pod *corev1.Pod, id container.ID) {
	if w.id == id {
		return
	}
	if w.id.ID != "" {
		w.results.Remove(w.id)
	}
	w.id, w.met, w.onHold, w.run = id, w.m.Clock.Now(), false, 0
	w.results.Set(pod.UID, id, w.initial)
}

// judge keeps the result if it was seen often enough.
func (w *worker) judge(pod *corev1.Pod, spec *corev1.Probe, r Result) {
	if r == Unknown {
		return // the probe itself failed: no result
	}
	if w.last != r {
		w.last, w.run = r, 0
	}
	w.run++
	if r == Failure && w.run < int(max(spec.FailureThreshold, 1)) || r == Success && w.run < int(max(spec.SuccessThreshold, 1)) {
		return
	}
	w.results.Set(pod.UID, w.id, r)
	if w.key.kind == liveness && r == Failure || w.key.kind == startup {
		w.onHold, w.run = true, 0
		w.wait(true)
	}
}

func find(st *corev1.PodStatus, name string) *corev1.ContainerStatus {
	if c := status.Find(st.ContainerStatuses, name); c != nil {
		return c
	}
	return status.Find(st.InitContainerStatuses, name)
}
