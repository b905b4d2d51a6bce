package clock

import (
	"container/heap"
	"fmt"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// A Clock is time as components use it: upstream's interface, so that work
// queues and informers obey it too.
type Clock = clock.WithTickerAndDelayedExecution

// Cluster is a Clock whose speed can change while it runs.
type Cluster struct {
	mu     sync.Mutex
	rate   rate
	timers timers
	alarm  *time.Timer // real; set for timers[0]
}

var _ Clock = (*Cluster)(nil)

// New returns a clock that shows the real time and runs at its speed.
func New() *Cluster {
	now := time.Now()
	c := &Cluster{rate: rate{speed: 1, real: now, cluster: now}}
	c.alarm = time.AfterFunc(time.Hour, c.fire)
	return c
}

// rate maps real time to cluster time.
type rate struct {
	speed         float64
	real, cluster time.Time // the anchor
}

func (r rate) at(now time.Time) time.Time {
	d := now.Sub(r.real)
	if r.speed != 1 {
		d = time.Duration(float64(d) * r.speed)
	}
	return r.cluster.Add(d)
}

// until is the real time that passes before cluster time t; ok is false if it
// never comes.
func (r rate) until(t, now time.Time) (d time.Duration, ok bool) {
	d = t.Sub(r.at(now))
	if r.speed == 0 {
		return 0, d <= 0
	}
	return time.Duration(float64(d) / r.speed), true
}

// SetSpeed makes cluster time run speed times as fast as real time from now on;
// 0 pauses it. Negative speeds are refused.
func (c *Cluster) SetSpeed(speed float64) error {
	if !(speed >= 0 && speed <= 1e6) {
		return fmt.Errorf("clock speed %v: must be between 0 (paused) and 1000000", speed)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.rate = rate{speed: speed, real: now, cluster: c.rate.at(now)}
	c.set(now)
	return nil
}

// Speed returns how many times as fast as real time the clock runs.
func (c *Cluster) Speed() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rate.speed
}

// Now returns the cluster's time.
func (c *Cluster) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rate.at(time.Now())
}

// Since returns the cluster time that has passed since t.
func (c *Cluster) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// set arms the alarm for the earliest timer. mu is held.
func (c *Cluster) set(now time.Time) {
	if len(c.timers) == 0 {
		c.alarm.Stop()
		return
	}
	if d, ok := c.rate.until(c.timers[0].when, now); ok {
		c.alarm.Reset(max(d, 0))
	} else {
		c.alarm.Stop()
	}
}

// fire runs the timers that are due.
func (c *Cluster) fire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	t := c.rate.at(now)
	for len(c.timers) > 0 && !c.timers[0].when.After(t) {
		c.timers[0].due(t)
	}
	c.set(now)
}

// add puts t in the heap, to be due d from now. mu is held.
func (c *Cluster) add(t *timer, d time.Duration) {
	now := time.Now()
	t.when = c.rate.at(now).Add(d)
	heap.Push(&c.timers, t)
	c.set(now)
}

// remove takes t from the heap and reports whether it was there. mu is held.
func (c *Cluster) remove(t *timer) bool {
	if t.index < 0 {
		return false
	}
	heap.Remove(&c.timers, t.index)
	return true
}
