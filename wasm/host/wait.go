package host

import (
	"slices"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// waiters are the processes that hold an object: they are woken when its state
// changes. A process is in it once for each of its descriptors.
type waiters struct {
	mu   sync.Mutex
	list []*Process
}

func (w *waiters) watch(p *Process) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, p)
}

func (w *waiters) unwatch(p *Process) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(w.list, p); i >= 0 {
		w.list = slices.Delete(w.list, i, i+1)
	}
}

// all lists the processes, each once.
func (w *waiters) all() []*Process {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []*Process
	for _, p := range w.list {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

func (w *waiters) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.list {
		p.notify()
	}
}

// notify wakes the process if it waits. What it waits for must have changed
// before.
func (p *Process) notify() {
	if n := p.native.Load(); n != nil {
		n.wake()
	}
	if !p.parked.Load() {
		return
	}
	select {
	case p.wakeup <- struct{}{}:
	default:
	}
}

// until calls try until it no longer says EAGAIN, and waits in between; with
// nonblock it calls it once. It panics if the process must end.
func (p *Process) until(nonblock bool, try func() errno) errno {
	e := try()
	if e != eAGAIN || nonblock {
		return e
	}
	p.parked.Store(true) // before looking again, so that no change is missed
	defer p.parked.Store(false)
	for {
		if e = try(); e != eAGAIN {
			return e
		}
		p.park(nil)
	}
}

// park waits until something may have changed, or expired is sent to. parked is
// true. It panics if the process must end.
func (p *Process) park(expired <-chan time.Time) {
	p.note()
	p.pause()
	select {
	case <-p.wakeup:
	case <-expired:
	}
	p.resume()
}

// pause and resume stop the stopwatch while the process waits.
func (p *Process) pause() {
	if p.cpu != nil {
		p.cpu.Stop()
	}
}

func (p *Process) resume() {
	if p.cpu != nil {
		p.cpu.Start()
	}
	p.check()
}

// alarm sets the process's one timer.
func (p *Process) alarm(d time.Duration) clock.Timer {
	if p.timer == nil {
		p.timer = p.cfg.Clock.NewTimer(d)
		return p.timer
	}
	p.silence()
	p.timer.Reset(d)
	return p.timer
}

// silence stops the timer and forgets that it has fired.
func (p *Process) silence() {
	if p.timer == nil {
		return
	}
	p.timer.Stop()
	select {
	case <-p.timer.C():
	default:
	}
}
