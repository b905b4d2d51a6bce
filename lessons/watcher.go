package lessons

import (
	"context"
	"slices"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"kubergarten/engine/client"
	"kubergarten/engine/trace"
)

const (
	idle    = 10 * time.Minute      // after so long without a look a watcher ends
	breath  = 50 * time.Millisecond // between two evaluations
	maxKept = 500                   // records of the trace
)

// A watcher sees what a learner does in a lesson's namespace. It begins with a
// fresh list of everything, so it knows nothing of what was before it.
type watcher struct {
	t      *Teacher
	seat   *seat
	lesson *Lesson
	api    client.Interface
	clock  clock.WithTickerAndDelayedExecution
	ctx    context.Context
	cancel context.CancelFunc
	dirty  chan struct{} // holds one: evaluate
	own    *shop         // the namespace itself
	probes *probes
	logs   *logBook

	blind map[string]string // why a resource is not seen; guarded by Teacher.mu

	mu     sync.Mutex
	shops  map[string]*shop // by resource
	events uint64           // how many changes were seen
	trace  []any
	seq    uint64 // of the last record seen
}

// newWatcher starts a watcher. Teacher.mu is held.
func newWatcher(s *seat) *watcher {
	t := s.t
	ctx, cancel := context.WithCancel(t.ctx)
	w := &watcher{
		t: t, seat: s, lesson: s.lesson, api: s.who.API, clock: t.cfg.Clock,
		ctx: ctx, cancel: cancel, dirty: make(chan struct{}, 1), shops: map[string]*shop{}, blind: map[string]string{},
	}
	w.probes, w.logs = newProbes(w), newLogBook(w)
	for _, k := range s.lesson.watches() {
		sh := newShop(k, s.lesson.Namespace, "")
		w.shops[k.resource] = sh
		t.begin(func() { w.follow(sh) })
	}
	namespaces, _ := resourceNamed("namespaces")
	w.own = newShop(namespaces, "", s.lesson.Namespace)
	t.begin(func() { w.follow(w.own) })
	t.begin(w.run)
	return w
}

// poke asks for an evaluation.
func (w *watcher) poke() {
	select {
	case w.dirty <- struct{}{}:
	default:
	}
}

// seen notes a change in the cluster.
func (w *watcher) seen() {
	w.mu.Lock()
	w.events++
	w.mu.Unlock()
	w.poke()
}

// run evaluates when it is asked to, until nobody looks any more.
func (w *watcher) run() {
	defer w.cancel()
	rest := w.clock.NewTimer(idle)
	defer rest.Stop()
	more := w.recorded()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-rest.C():
			if !w.lookedAt() {
				return
			}
			rest.Reset(idle)
		case <-more:
			more = w.recorded()
		case <-w.dirty:
			w.evaluate()
			w.pause()
		}
	}
}

// pause lets changes gather, so that a storm of them costs few evaluations.
func (w *watcher) pause() {
	t := w.clock.NewTimer(breath)
	defer t.Stop()
	select {
	case <-w.ctx.Done():
	case <-t.C():
	}
}

// lookedAt wakes all who follow; those who are there ask again before the next
// round. Without them the watcher gives up its seat.
func (w *watcher) lookedAt() bool {
	w.t.mu.Lock()
	defer w.t.mu.Unlock()
	if w.seat.watching != w {
		return false
	}
	if !w.seat.looked {
		w.seat.watching = nil
		return false
	}
	w.seat.looked = false
	w.seat.wake()
	return true
}

// facts gathers what is known; ok is false while something is not yet listed.
func (w *watcher) facts() (f *facts, ok bool) {
	f = &facts{ns: w.lesson.Namespace, objects: map[string][]any{}, logs: w.logs.read, probes: w.probes.results()}
	if _, listed := w.own.list(); !listed {
		return nil, false
	}
	for resource, sh := range w.shops {
		list, listed := sh.list()
		if !listed {
			return nil, false
		}
		f.objects[resource] = list
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	f.trace = slices.Clone(w.trace)
	return f, true
}

// recorded takes in the trace's new records of the namespace, and returns a
// channel that is closed when there are more; nil if the lesson needs none.
func (w *watcher) recorded() <-chan struct{} {
	if w.t.cfg.Trace == nil || !w.lesson.needs("trace") {
		return nil
	}
	records, more := w.t.cfg.Trace.Since(w.seq)
	for _, r := range records {
		w.seq = r.Seq
		if r.Object.Namespace == w.lesson.Namespace {
			w.record(r)
		}
	}
	return more
}

func (w *watcher) record(r trace.Record) {
	w.mu.Lock()
	w.trace = append(w.trace, map[string]any{
		"seq": int64(r.Seq), "time": r.Time, "who": r.Who, "node": r.Node, "step": string(r.Step), "words": r.Words,
		"resource": r.Object.Resource, "namespace": r.Object.Namespace, "name": r.Object.Name, "revision": r.Revision,
	})
	if over := len(w.trace) - maxKept; over > 0 {
		w.trace = slices.Delete(w.trace, 0, over)
	}
	w.mu.Unlock()
	w.poke()
}
