package queue

// Upstream: pkg/scheduler/backend/queue/scheduling_queue.go

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/clock"
	"kubergarten/engine/scheduler/framework"
)

const (
	initialBackoff   = time.Second
	maxBackoff       = 10 * time.Second
	maxUnschedulable = 5 * time.Minute
)

// A Judge answers for the profile of a pod.
type Judge interface {
	Less(a, b *framework.QueuedPodInfo) bool
	PreEnqueue(ctx context.Context, pod *corev1.Pod) *framework.Status
	Wakes(e framework.Event, pod *framework.QueuedPodInfo) bool
}

// Queue is safe for concurrent use.
type Queue struct {
	clock clock.Clock
	judge Judge

	mu            sync.Mutex
	active        *pods
	backoff       *pods // by the end of the back-off
	unschedulable map[types.UID]*framework.QueuedPodInfo
	inFlight      map[types.UID]framework.Event // what happened since Pop
	wake          chan struct{}                 // capacity 1: there may be something in active
	parked        chan struct{}                 // capacity 1: there may be something to wait for
}

// New returns an empty queue.
func New(c clock.Clock, judge Judge) *Queue {
	q := &Queue{
		clock: c, judge: judge, active: newPods(judge.Less),
		unschedulable: map[types.UID]*framework.QueuedPodInfo{}, inFlight: map[types.UID]framework.Event{},
		wake: make(chan struct{}, 1), parked: make(chan struct{}, 1),
	}
	q.backoff = newPods(func(a, b *framework.QueuedPodInfo) bool { return backoffEnd(a).Before(backoffEnd(b)) })
	return q
}

// backoffEnd is when the pod may be tried again.
func backoffEnd(p *framework.QueuedPodInfo) time.Time { return p.Timestamp.Add(Backoff(p.Attempts)) }

// Backoff is how long a pod waits after its n-th failed attempt.
func Backoff(attempts int) time.Duration {
	if attempts == 0 {
		return 0
	}
	d := initialBackoff
	for range attempts - 1 {
		if d *= 2; d >= maxBackoff {
			return maxBackoff
		}
	}
	return d
}

// Run moves pods whose time has come, until ctx is done.
func (q *Queue) Run(ctx context.Context) error {
	timer := q.clock.NewTimer(maxUnschedulable)
	defer timer.Stop()
	for {
		timer.Reset(q.flush())
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C():
		case <-q.parked:
		}
	}
}

// flush moves pods out of back-off whose time has come, and out of the
// unschedulable pool those that have been there for too long. It returns when
// the next one is due.
func (q *Queue) flush() (next time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock.Now()
	for p := q.backoff.first(); p != nil && !backoffEnd(p).After(now); p = q.backoff.first() {
		q.activate(q.backoff.take())
	}
	next = maxUnschedulable
	for uid, p := range q.unschedulable {
		left := maxUnschedulable - now.Sub(p.Timestamp)
		switch {
		case p.Gated:
		case left <= 0:
			delete(q.unschedulable, uid)
			q.requeue(p)
		default:
			next = min(next, left)
		}
	}
	if p := q.backoff.first(); p != nil {
		next = min(next, backoffEnd(p).Sub(now))
	}
	return next
}

// Add puts a new pod into the queue.
func (q *Queue) Add(ctx context.Context, pod *corev1.Pod) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.enter(ctx, &framework.QueuedPodInfo{Pod: pod, Timestamp: q.clock.Now()})
}

// enter puts p into active, or into the pool if a gate holds it. mu is held.
func (q *Queue) enter(ctx context.Context, p *framework.QueuedPodInfo) {
	s := q.judge.PreEnqueue(ctx, p.Pod)
	p.Gated = !s.IsSuccess()
	if p.Gated {
		q.unschedulable[p.Pod.UID] = p
		return
	}
	q.activate(p)
}

// activate puts p into active and tells Pop. mu is held.
func (q *Queue) activate(p *framework.QueuedPodInfo) {
	q.active.add(p)
	signal(q.wake)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// requeue puts p into active, or into back-off if it has not waited long
// enough. mu is held.
func (q *Queue) requeue(p *framework.QueuedPodInfo) {
	if backoffEnd(p).After(q.clock.Now()) {
		q.backoff.add(p)
		signal(q.parked)
		return
	}
	q.activate(p)
}

// Update takes in a new state of a pod that waits. If that may help it, it is
// tried again.
func (q *Queue) Update(ctx context.Context, pod *corev1.Pod, changed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, h := range []*pods{q.active, q.backoff} {
		if p := h.remove(pod.UID); p != nil {
			p.Pod = pod
			h.add(p)
			return
		}
	}
	if p := q.unschedulable[pod.UID]; p != nil {
		p.Pod = pod
		if p.Gated || changed && q.judge.Wakes(framework.PodChanged, p) {
			delete(q.unschedulable, pod.UID)
			q.reenter(ctx, p)
		}
		return
	}
	if _, ok := q.inFlight[pod.UID]; ok {
		if changed {
			q.inFlight[pod.UID] |= framework.PodChanged
		}
		return
	}
	q.enter(ctx, &framework.QueuedPodInfo{Pod: pod, Timestamp: q.clock.Now()})
}

// reenter is enter for a pod that may still be in back-off. mu is held.
func (q *Queue) reenter(ctx context.Context, p *framework.QueuedPodInfo) {
	if p.Gated {
		q.enter(ctx, p)
		return
	}
	q.requeue(p)
}

// Delete takes a pod out.
func (q *Queue) Delete(pod *corev1.Pod) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.active.remove(pod.UID)
	q.backoff.remove(pod.UID)
	delete(q.unschedulable, pod.UID)
}

// Pop takes the first pod out, waiting for one; nil when ctx is done. Done must
// be called for it, or Fail.
func (q *Queue) Pop(ctx context.Context) *framework.QueuedPodInfo {
	for {
		if p := q.tryPop(); p != nil {
			return p
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
			return nil
		}
	}
}

func (q *Queue) tryPop() *framework.QueuedPodInfo {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.active.Len() == 0 {
		return nil
	}
	p := q.active.take()
	p.Attempts++
	q.inFlight[p.Pod.UID] = 0
	return p
}

// Done tells that the pod was scheduled, or needs to be no more.
func (q *Queue) Done(uid types.UID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.inFlight, uid)
}

// Fail puts back a pod that was refused by plugins (or, with none, failed by an
// error). pod is its newest state.
func (q *Queue) Fail(p *framework.QueuedPodInfo, pod *corev1.Pod, refusedBy []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	happened := q.inFlight[pod.UID]
	delete(q.inFlight, pod.UID)
	p.Pod, p.UnschedulablePlugins, p.Timestamp = pod, refusedBy, q.clock.Now()
	if len(refusedBy) == 0 || q.wokenBy(happened, p) {
		q.requeue(p)
		return
	}
	q.unschedulable[pod.UID] = p
	signal(q.parked)
}

// wokenBy reports whether any of the events in happened may help p. mu is held.
func (q *Queue) wokenBy(happened framework.Event, p *framework.QueuedPodInfo) bool {
	return happened != 0 && q.judge.Wakes(happened, p)
}

// Happened moves the pods that e may help.
func (q *Queue) Happened(e framework.Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for uid, p := range q.unschedulable {
		if !p.Gated && q.judge.Wakes(e, p) {
			delete(q.unschedulable, uid)
			q.requeue(p)
		}
	}
	for uid := range q.inFlight {
		q.inFlight[uid] |= e
	}
}
