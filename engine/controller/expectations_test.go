package controller

import (
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"
)

func TestExpectations(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(e *Expectations, clk *clocktesting.FakeClock)
		want bool
	}{
		{"nothing was expected", func(*Expectations, *clocktesting.FakeClock) {}, true},
		{"one of two creations was seen", func(e *Expectations, _ *clocktesting.FakeClock) {
			e.Expect("k", 2)
			e.Created("k")
		}, false},
		{"both were seen", func(e *Expectations, _ *clocktesting.FakeClock) {
			e.Expect("k", 2)
			e.Created("k")
			e.Created("k")
		}, true},
		{"more were seen than expected", func(e *Expectations, _ *clocktesting.FakeClock) {
			e.Expect("k", 1)
			for range 3 {
				e.Created("k")
			}
		}, true},
		{"one deletion seen twice is one deletion", func(e *Expectations, _ *clocktesting.FakeClock) {
			e.Expect("k", 0, "a", "b")
			e.Deleted("k", "a")
			e.Deleted("k", "a")
		}, false},
		{"both deletions were seen", func(e *Expectations, _ *clocktesting.FakeClock) {
			e.Expect("k", 0, "a", "b")
			e.Deleted("k", "b")
			e.Deleted("k", "a")
		}, true},
		{"another key's creation does not count", func(e *Expectations, _ *clocktesting.FakeClock) {
			e.Expect("k", 1)
			e.Created("other")
		}, false},
		{"forgotten", func(e *Expectations, _ *clocktesting.FakeClock) {
			e.Expect("k", 1)
			e.Forget("k")
		}, true},
		{"five minutes are not enough", func(e *Expectations, clk *clocktesting.FakeClock) {
			e.Expect("k", 1)
			clk.Step(5 * time.Minute)
		}, false},
		{"more than five minutes are", func(e *Expectations, clk *clocktesting.FakeClock) {
			e.Expect("k", 1)
			clk.Step(5*time.Minute + time.Nanosecond)
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clk := clocktesting.NewFakeClock(now)
			e := NewExpectations(clk)
			tt.do(e, clk)
			if got := e.Satisfied("k"); got != tt.want {
				t.Errorf("satisfied: %v, want %v", got, tt.want)
			}
		})
	}
}
