package fuel

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	clocktesting "k8s.io/utils/clock/testing"
)

// spend runs m for d.
func spend(c *clocktesting.FakeClock, m *Meter, d time.Duration) {
	m.Start()
	c.Step(d)
	m.Stop()
}

func TestAccountAddsUp(t *testing.T) {
	c := clocktesting.NewFakeClock(time.Unix(1000, 0))
	a := NewAccount(c)
	m1, m2 := a.NewMeter(t.Context(), nil), a.NewMeter(t.Context(), nil)
	spend(c, m1, 3*time.Millisecond)
	c.Step(time.Second) // waiting costs nothing
	spend(c, m2, 4*time.Millisecond)
	m2.Stop() // twice is once
	if a.Usage() != 7*time.Millisecond || m1.Used() != 3*time.Millisecond || m2.Used() != 4*time.Millisecond {
		t.Errorf("used %v, of which %v and %v", a.Usage(), m1.Used(), m2.Used())
	}
}

func TestDebt(t *testing.T) {
	const quota, period = 10 * time.Millisecond, 100 * time.Millisecond
	tests := map[string]struct {
		used, later time.Duration
		want        time.Duration // to wait
	}{
		"within the quota":               {used: 9 * time.Millisecond},
		"all of the quota":               {used: 10 * time.Millisecond, want: 90 * time.Millisecond},
		"half a quota too much":          {used: 15 * time.Millisecond, want: 85 * time.Millisecond},
		"two quotas and a half":          {used: 25 * time.Millisecond, want: 175 * time.Millisecond},
		"some of the debt has been paid": {used: 25 * time.Millisecond, later: 100 * time.Millisecond, want: 75 * time.Millisecond},
		"all of it has":                  {used: 25 * time.Millisecond, later: 200 * time.Millisecond},
		"idle for long":                  {used: 5 * time.Millisecond, later: time.Hour},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := clocktesting.NewFakeClock(time.Unix(1000, 0))
			a := NewAccount(c)
			a.SetLimit(quota, period)
			spend(c, a.NewMeter(t.Context(), nil), tc.used)
			c.Step(tc.later)
			if got, _ := a.debt(c.Now()); got != tc.want {
				t.Errorf("wait %v, want %v", got, tc.want)
			}
		})
	}
}

// throttled starts a process that is in debt and returns when it waits.
func throttled(t *testing.T, ctx context.Context, check func()) (*clocktesting.FakeClock, *Meter, <-chan any) {
	t.Helper()
	c := clocktesting.NewFakeClock(time.Unix(1000, 0))
	a := NewAccount(c)
	a.SetLimit(10*time.Millisecond, 100*time.Millisecond)
	m := a.NewMeter(ctx, check)
	spend(c, m, 15*time.Millisecond)
	ended := make(chan any, 1)
	go func() {
		defer func() { ended <- recover() }()
		m.Start()
	}()
	for !c.HasWaiters() {
		runtime.Gosched()
	}
	return c, m, ended
}

func TestThrottled(t *testing.T) {
	mustEnd := errors.New("must end")
	t.Run("until the period ends", func(t *testing.T) {
		c, m, ended := throttled(t, t.Context(), nil)
		c.Step(85 * time.Millisecond)
		if e := <-ended; e != nil {
			t.Errorf("panicked: %v", e)
		}
		if got, want := m.account.Throttling(), (Throttling{Periods: 1, Throttled: 1, Time: 85 * time.Millisecond}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
	t.Run("until the limit is lifted", func(t *testing.T) {
		_, m, ended := throttled(t, t.Context(), nil)
		m.account.SetLimit(0, 0)
		if e := <-ended; e != nil {
			t.Errorf("panicked: %v", e)
		}
	})
	t.Run("until it is killed", func(t *testing.T) {
		_, m, ended := throttled(t, t.Context(), nil)
		m.Kill(mustEnd)
		m.Kill(ErrKilled) // too late to count
		if e := <-ended; e != mustEnd {
			t.Errorf("panicked with %v, want %v", e, mustEnd)
		}
	})
	t.Run("until its context ends", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, _, ended := throttled(t, ctx, func() {
			if ctx.Err() != nil {
				panic(mustEnd)
			}
		})
		cancel()
		if e := <-ended; e != mustEnd {
			t.Errorf("panicked with %v, want %v", e, mustEnd)
		}
	})
	t.Run("until its context ends, without a check", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, _, ended := throttled(t, ctx, nil)
		cancel()
		if e := <-ended; e != ErrKilled {
			t.Errorf("panicked with %v, want %v", e, ErrKilled)
		}
	})
}

func TestYieldWithoutMeter(t *testing.T) {
	r := engine(t, wazero.NewRuntimeConfigInterpreter())
	_, err := r.Instantiate(context.Background(), rewritten(t, command(0, opLoop, blockEmpty, opEnd)))
	if !errors.Is(err, errNoMeter) {
		t.Errorf("got %v, want %v", err, errNoMeter)
	}
}
