package kubelet

// Upstream: pkg/kubelet/pod_workers.go

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	utilclock "k8s.io/utils/clock"

	"kubergarten/engine/clock"
	kubetypes "kubergarten/engine/kubelet/types"
)

// backOffPeriod is how long a sync that failed waits, up to half as much more.
const backOffPeriod = 10 * time.Second

// podSyncer does the work of pod workers. Calls about one pod never overlap.
type podSyncer interface {
	// syncPod brings the pod to where it shall be and says whether it has
	// reached its end, and when to come again: zero if only when told.
	syncPod(ctx context.Context, pod *corev1.Pod) (terminal bool, next time.Time, err error)
	// syncTerminatingPod ends its containers.
	syncTerminatingPod(ctx context.Context, pod *corev1.Pod, grace *time.Duration) error
	// syncTerminatedPod takes away what is left of it.
	syncTerminatedPod(ctx context.Context, pod *corev1.Pod) error
	// finished is told when that is done.
	finished(pod *corev1.Pod)
}

// podWorkers run what has to be done for each pod, in order: sync, while it
// lives; terminating, until its containers have ended; terminated, until
// nothing is left. A pod has a goroutine only while there is something to do.
type podWorkers struct {
	syncer podSyncer
	clock  clock.Clock
	log    *slog.Logger
	resync time.Duration

	mu   sync.Mutex
	ctx  context.Context // of run; nil before and after
	wg   sync.WaitGroup
	pods map[types.UID]*podWork
}

// podWork is the state of one pod's worker.
type podWork struct {
	pod *corev1.Pod

	dirty   bool // there is something to do
	working bool // a goroutine does it
	cancel  context.CancelFunc
	timer   utilclock.Timer

	terminating bool // it shall end
	terminated  bool // its containers have ended
	done        bool // nothing is left
	deleted     bool // its source does not want it any more
	grace       *time.Duration
	next        *corev1.Pod // the same UID came again: to be started when this one is done
}

func newPodWorkers(s podSyncer, clk clock.Clock, log *slog.Logger, resync time.Duration) *podWorkers {
	return &podWorkers{syncer: s, clock: clk, log: log, resync: resync, pods: map[types.UID]*podWork{}}
}

// run lets the workers work until ctx is done.
func (p *podWorkers) run(ctx context.Context) error {
	p.mu.Lock()
	p.ctx = ctx
	for uid, w := range p.pods {
		p.wake(uid, w)
	}
	p.mu.Unlock()
	<-ctx.Done()
	p.mu.Lock()
	p.ctx = nil
	for _, w := range p.pods {
		if w.timer != nil {
			w.timer.Stop()
		}
	}
	p.mu.Unlock()
	p.wg.Wait()
	return nil
}

// update tells the worker of a new or changed pod.
func (p *podWorkers) update(pod *corev1.Pod) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, ok := p.pods[pod.UID]
	if !ok {
		w = &podWork{terminated: kubetypes.IsTerminal(pod.Status.Phase)} // ended before the kubelet started
		w.terminating = w.terminated
		p.pods[pod.UID] = w
	}
	if w.deleted { // a static pod that went and came back
		w.next = pod
		return
	}
	w.pod = pod
	if pod.DeletionTimestamp != nil {
		p.end(w, secondsOf(pod.DeletionGracePeriodSeconds))
	}
	w.dirty = !w.done
	p.wake(pod.UID, w)
}

func secondsOf(s *int64) *time.Duration {
	if s == nil {
		return nil
	}
	d := time.Duration(*s) * time.Second
	return &d
}

// end makes the pod terminate; of several grace periods the shortest counts, and
// a kill that goes on begins anew with it. mu is held.
func (p *podWorkers) end(w *podWork, grace *time.Duration) {
	shorter := grace != nil && w.grace != nil && *grace < *w.grace
	if w.grace == nil || shorter {
		w.grace = grace
	}
	if (!w.terminating || shorter) && w.cancel != nil {
		w.cancel()
	}
	w.terminating = true
}

// remove tells the worker that the pod's source does not want it any more.
func (p *podWorkers) remove(uid types.UID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, ok := p.pods[uid]
	if !ok {
		return
	}
	w.next = nil
	if w.done {
		p.forget(uid, w)
		return
	}
	w.deleted = true
	p.end(w, nil)
	w.dirty = true
	p.wake(uid, w)
}

// kick makes the worker look at its pod again, at once.
func (p *podWorkers) kick(uid types.UID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w, ok := p.pods[uid]; ok && !w.done {
		w.dirty = true
		p.wake(uid, w)
	}
}

// kickAll kicks every pod.
func (p *podWorkers) kickAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for uid, w := range p.pods {
		if !w.done {
			w.dirty = true
			p.wake(uid, w)
		}
	}
}

// wake starts a goroutine for the pod if there is something to do and none
// works, unless another pod of its full name must go first. mu is held.
func (p *podWorkers) wake(uid types.UID, w *podWork) {
	if !w.dirty || w.working || p.ctx == nil || p.mustWait(uid, w) {
		return
	}
	w.working = true
	p.wg.Go(func() { p.work(uid) })
}

// mustWait reports whether a static pod has to wait for the end of the one that
// it replaces. mu is held.
func (p *podWorkers) mustWait(uid types.UID, w *podWork) bool {
	if w.terminating || !kubetypes.IsStaticPod(w.pod) {
		return false
	}
	for other, o := range p.pods {
		if other != uid && o.terminating && !o.done && kubetypes.IsStaticPod(o.pod) && kubetypes.FullName(o.pod) == kubetypes.FullName(w.pod) {
			return true
		}
	}
	return false
}

// work does what is to be done for the pod until there is nothing more.
func (p *podWorkers) work(uid types.UID) {
	for {
		p.mu.Lock()
		w, ok := p.pods[uid]
		if !ok || !w.dirty || p.ctx == nil {
			if ok {
				w.working = false
			}
			p.mu.Unlock()
			return
		}
		w.dirty = false
		if w.timer != nil {
			w.timer.Stop()
			w.timer = nil
		}
		turn := *w
		ctx, cancel := context.WithCancel(p.ctx)
		w.cancel = cancel
		p.mu.Unlock()
		p.turn(ctx, uid, &turn)
		cancel()
	}
}

// turn is one call of the syncer and what follows from it.
func (p *podWorkers) turn(ctx context.Context, uid types.UID, w *podWork) {
	terminal, next, err := p.call(ctx, w)
	p.mu.Lock()
	defer p.mu.Unlock()
	now, ok := p.pods[uid]
	if !ok {
		return
	}
	now.cancel = nil
	switch {
	case err != nil:
		if ctx.Err() == nil {
			p.log.ErrorContext(ctx, "Error syncing pod, skipping", "pod", kubetypes.Format(w.pod), "err", err)
			p.later(uid, now, p.retryAt(next))
		} else {
			now.dirty = true // it was interrupted for a reason
		}
	case w.terminated:
		p.complete(uid, now)
	case w.terminating:
		now.terminated, now.dirty = true, true
	case terminal:
		now.terminating, now.dirty = true, true
	default:
		p.later(uid, now, next)
	}
}

// call calls the syncer; a panic there is an error of this pod alone.
func (p *podWorkers) call(ctx context.Context, w *podWork) (terminal bool, next time.Time, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicError(r)
			p.log.ErrorContext(ctx, "Pod worker panicked", "pod", kubetypes.Format(w.pod), "err", err)
		}
	}()
	switch {
	case w.terminated:
		err = p.syncer.syncTerminatedPod(ctx, w.pod)
	case w.terminating:
		err = p.syncer.syncTerminatingPod(ctx, w.pod, w.grace)
	default:
		terminal, next, err = p.syncer.syncPod(ctx, w.pod)
	}
	return terminal, next, err
}

// retryAt is when a sync that failed is tried again.
func (p *podWorkers) retryAt(next time.Time) time.Time {
	if !next.IsZero() {
		return next
	}
	return p.clock.Now().Add(backOffPeriod + rand.N(backOffPeriod/2))
}

// later sets the timer for the next sync: at next, or after the resync period
// with some jitter. mu is held.
func (p *podWorkers) later(uid types.UID, w *podWork, next time.Time) {
	d := p.resync + rand.N(p.resync/2)
	if !next.IsZero() {
		d = min(d, max(next.Sub(p.clock.Now()), 0))
	}
	if p.ctx == nil {
		return
	}
	if w.timer != nil {
		w.timer.Stop()
	}
	w.timer = p.clock.AfterFunc(max(d, time.Millisecond), func() { p.kick(uid) })
}

// complete notes that nothing is left of the pod, and lets those go on that
// waited for that. mu is held.
func (p *podWorkers) complete(uid types.UID, w *podWork) {
	w.done = true
	if w.deleted {
		p.forget(uid, w)
	}
	for other, o := range p.pods {
		p.wake(other, o)
	}
	pod := w.pod
	p.wg.Go(func() { p.syncer.finished(pod) })
}

// forget drops the worker, or begins anew with the pod that came meanwhile. mu is held.
func (p *podWorkers) forget(uid types.UID, w *podWork) {
	delete(p.pods, uid)
	if w.next == nil {
		return
	}
	fresh := &podWork{pod: w.next, dirty: true, working: w.working} // a goroutine that works goes on with it
	p.pods[uid] = fresh
	p.wake(uid, fresh)
}

// terminationRequested reports whether the pod shall end.
func (p *podWorkers) terminationRequested(uid types.UID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, ok := p.pods[uid]
	return ok && w.terminating
}

// CouldHaveRunningContainers reports whether something of the pod may run.
func (p *podWorkers) CouldHaveRunningContainers(uid types.UID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, ok := p.pods[uid]
	return ok && !w.terminated
}

// known reports whether there is a worker for the pod that is not done.
func (p *podWorkers) known(uid types.UID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, ok := p.pods[uid]
	return ok && !w.done
}

// active returns the pods that are admitted and have not ended.
func (p *podWorkers) active() []*corev1.Pod {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []*corev1.Pod
	for _, w := range p.pods {
		if !w.terminated {
			out = append(out, w.pod)
		}
	}
	return out
}

// ending reports whether a static pod of that full name has not ended yet.
func (p *podWorkers) ending(fullName string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.pods {
		if !w.done && kubetypes.IsStaticPod(w.pod) && kubetypes.FullName(w.pod) == fullName {
			return true
		}
	}
	return false
}
