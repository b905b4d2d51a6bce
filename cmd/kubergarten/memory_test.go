package main

import (
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"
)

// TestLull: there is one rest after each time of work, when it is over.
func TestLull(t *testing.T) {
	c := clocktesting.NewFakeClock(time.Unix(0, 0))
	rests := 0
	l := newLull(c, 3*time.Second, func() { rests++ })
	for at, step := range []struct {
		after time.Duration
		stir  bool
		rests int
	}{
		{0, true, 0},
		{2 * time.Second, true, 0},
		{2 * time.Second, false, 0}, // two seconds after the last work
		{time.Second, false, 1},
		{time.Hour, true, 1},
		{3 * time.Second, false, 2},
	} {
		c.Step(step.after)
		if step.stir {
			l.stir()
		}
		if rests != step.rests {
			t.Errorf("step %d: %d rests, want %d", at, rests, step.rests)
		}
	}
}
