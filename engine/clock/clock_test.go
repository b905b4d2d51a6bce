package clock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"kubergarten/engine/clock"
)

// bubble runs f on a new clock in a bubble of fake real time.
func bubble(t *testing.T, f func(t *testing.T, c *clock.Cluster)) {
	synctest.Test(t, func(t *testing.T) { f(t, clock.New()) })
}

func mustSpeed(t *testing.T, c *clock.Cluster, speed float64) {
	t.Helper()
	if err := c.SetSpeed(speed); err != nil {
		t.Fatal(err)
	}
}

func TestSpeedChangesAWaitThatHasBegun(t *testing.T) {
	bubble(t, func(t *testing.T, c *clock.Cluster) {
		real, start := time.Now(), c.Now()
		timer := c.NewTimer(10 * time.Minute)
		time.Sleep(4 * time.Minute) // 4 gone, 6 left
		mustSpeed(t, c, 60)
		<-timer.C()
		if got, want := time.Since(real), 4*time.Minute+6*time.Second; got != want {
			t.Errorf("waited %v of real time, want %v", got, want)
		}
		if got := c.Since(start); got != 10*time.Minute {
			t.Errorf("%v of cluster time passed, want 10m", got)
		}
	})
}

func TestPause(t *testing.T) {
	bubble(t, func(t *testing.T, c *clock.Cluster) {
		timer := c.NewTimer(time.Second)
		mustSpeed(t, c, 0)
		now := c.Now()
		time.Sleep(time.Hour)
		select {
		case <-timer.C():
			t.Fatal("a timer fired while the clock was paused")
		default:
		}
		if got := c.Now(); !got.Equal(now) {
			t.Errorf("the paused clock went from %v to %v", now, got)
		}
		mustSpeed(t, c, 1)
		real := time.Now()
		<-timer.C()
		if got := time.Since(real); got != time.Second {
			t.Errorf("fired %v after the pause, want 1s", got)
		}
	})
}

func TestTimers(t *testing.T) {
	bubble(t, func(t *testing.T, c *clock.Cluster) {
		timer := c.NewTimer(time.Second)
		if !timer.Stop() || timer.Stop() {
			t.Error("Stop must be true once")
		}
		if timer.Reset(2 * time.Second) {
			t.Error("Reset of a stopped timer must be false")
		}
		start := c.Now()
		if got := (<-timer.C()).Sub(start); got != 2*time.Second {
			t.Errorf("fired after %v, want 2s", got)
		}
		called := make(chan time.Duration, 1)
		c.AfterFunc(3*time.Second, func() { called <- c.Since(start) })
		if got := <-called; got != 5*time.Second {
			t.Errorf("called after %v, want 5s", got)
		}
		c.Sleep(time.Second)
		if got := c.Since(start); got != 6*time.Second {
			t.Errorf("slept until %v, want 6s", got)
		}
	})
}

func TestATickerDropsWhatNobodyTook(t *testing.T) {
	bubble(t, func(t *testing.T, c *clock.Cluster) {
		tick := c.NewTicker(time.Second)
		defer tick.Stop()
		start := c.Now()
		time.Sleep(5*time.Second + 500*time.Millisecond)
		<-tick.C() // the first, late
		if got := (<-tick.C()).Sub(start); got != 6*time.Second {
			t.Errorf("second tick at %v, want 6s", got)
		}
	})
}

func TestBadSpeed(t *testing.T) {
	bubble(t, func(t *testing.T, c *clock.Cluster) {
		for _, speed := range []float64{-1, 1e9} {
			if c.SetSpeed(speed) == nil {
				t.Errorf("speed %v was accepted", speed)
			}
		}
		if c.Speed() != 1 {
			t.Errorf("speed is %v, want 1", c.Speed())
		}
	})
}

func BenchmarkNow(b *testing.B) {
	c := clock.New()
	for b.Loop() {
		c.Now()
	}
}
