package clock

import (
	"container/heap"
	"time"

	"k8s.io/utils/clock"
)

// timer is a Timer, a Ticker (every > 0) or a call to come (call != nil).
type timer struct {
	clock *Cluster
	when  time.Time // cluster time; guarded by clock.mu
	index int       // in clock.timers, -1 when not there
	every time.Duration
	call  func()
	c     chan time.Time
}

// due is called with clock.mu held, with the timer at the head of the heap.
func (t *timer) due(now time.Time) {
	if t.every > 0 {
		t.when = t.when.Add(t.every * (1 + now.Sub(t.when)/t.every)) // missed ticks are dropped, as time.Ticker's are
		heap.Fix(&t.clock.timers, t.index)
	} else {
		heap.Pop(&t.clock.timers)
	}
	if t.call != nil {
		go t.call()
		return
	}
	select {
	case t.c <- now:
	default:
	}
}

// C is where the time is sent when it has come.
func (t *timer) C() <-chan time.Time { return t.c }

// Stop keeps the timer from firing and reports whether it was waiting.
func (t *timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	t.drain()
	return t.clock.remove(t)
}

// Reset makes the timer fire d from now and reports whether it was waiting.
func (t *timer) Reset(d time.Duration) bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	waiting := t.clock.remove(t)
	t.drain()
	t.clock.add(t, d)
	return waiting
}

// drain forgets a time sent but not received, as Go's own timers do since 1.23.
func (t *timer) drain() {
	select {
	case <-t.c:
	default:
	}
}

func (c *Cluster) start(t *timer, d time.Duration) *timer {
	t.clock, t.index, t.c = c, -1, make(chan time.Time, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(t, d)
	return t
}

// NewTimer returns a timer that fires once, d of cluster time from now.
func (c *Cluster) NewTimer(d time.Duration) clock.Timer { return c.start(&timer{}, d) }

// AfterFunc calls f in its own goroutine, d of cluster time from now.
func (c *Cluster) AfterFunc(d time.Duration, f func()) clock.Timer {
	return c.start(&timer{call: f}, d)
}

// NewTicker returns a ticker that fires every d of cluster time.
func (c *Cluster) NewTicker(d time.Duration) clock.Ticker {
	if d <= 0 {
		panic("clock: non-positive interval for NewTicker")
	}
	return ticker{c.start(&timer{every: d}, d)}
}

// After returns the channel of a new timer.
func (c *Cluster) After(d time.Duration) <-chan time.Time { return c.NewTimer(d).C() }

// Tick returns the channel of a new ticker, which cannot be stopped.
func (c *Cluster) Tick(d time.Duration) <-chan time.Time { return c.NewTicker(d).C() }

// Sleep blocks for d of cluster time.
func (c *Cluster) Sleep(d time.Duration) { <-c.After(d) }

type ticker struct{ t *timer }

func (t ticker) C() <-chan time.Time { return t.t.c }
func (t ticker) Stop()               { t.t.Stop() }

// timers is a heap, earliest first.
type timers []*timer

func (h timers) Len() int           { return len(h) }
func (h timers) Less(i, j int) bool { return h[i].when.Before(h[j].when) }

func (h timers) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *timers) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}

func (h *timers) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	*h = (*h)[:last]
	t.index = -1
	return t
}
