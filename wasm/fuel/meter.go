package fuel

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// Quantum is how much fuel a process gets at a time: 0.1 to 1 ms of running.
const Quantum = 100_000

// A Meter measures one process for its container's account. A process is one
// goroutine; only Kill and Killed may be called from others.
type Meter struct {
	account *Account
	counter api.MutableGlobal
	since   time.Time // when the stretch that is not yet charged began
	paused  bool

	kill   sync.Once
	killed chan struct{}
	reason error // set before killed is closed
}

// NewMeter returns the meter of a new process, paused.
func (a *Account) NewMeter() *Meter {
	return &Meter{account: a, paused: true, killed: make(chan struct{})}
}

// Account returns the account that the meter charges.
func (m *Meter) Account() *Account { return m.account }

// Kill makes the process end: its next Yield or Resume panics with reason,
// which comes back from the call into the guest (errors.Is knows it). Only the
// first Kill counts.
func (m *Meter) Kill(reason error) {
	m.kill.Do(func() {
		m.reason = reason
		close(m.killed)
	})
}

// Killed is closed when the process has been told to end. What blocks on behalf
// of the guest must also wait for this.
func (m *Meter) Killed() <-chan struct{} { return m.killed }

// Pause stops the stopwatch: the process waits, or is at an end. Host functions
// call it before they block.
func (m *Meter) Pause() {
	if m.paused {
		return
	}
	now := m.account.clock.Now()
	m.account.charge(now.Sub(m.since), now)
	m.paused = true
}

// Resume starts the stopwatch: the process runs, or runs on. It waits first if
// the container is over its limit, and panics if the process was killed.
func (m *Meter) Resume() {
	m.settle(0)
	m.paused = false
}

// Yield is what the guest calls when its fuel is used up.
func (m *Meter) Yield(mod api.Module) {
	var used time.Duration
	if now := m.account.clock.Now(); !m.paused {
		used = now.Sub(m.since)
	}
	runtime.Gosched()
	m.settle(used)
	if m.counter == nil {
		m.counter, _ = mod.ExportedGlobal(Global).(api.MutableGlobal)
	}
	m.counter.Set(Quantum)
}

// settle charges used, waits until the container may run again, and starts a
// new stretch.
func (m *Meter) settle(used time.Duration) {
	for {
		m.end()
		now := m.account.clock.Now()
		wait, stale := m.account.charge(used, now)
		if wait <= 0 {
			m.since = now
			return
		}
		m.sleep(wait, stale)
		used = 0
		m.account.waited(m.account.clock.Since(now))
	}
}

func (m *Meter) sleep(d time.Duration, stale <-chan struct{}) {
	t := m.account.clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C():
	case <-stale:
	case <-m.killed:
	}
}

// end panics if the process was killed.
func (m *Meter) end() {
	select {
	case <-m.killed:
		panic(m.reason)
	default:
	}
}

type meterKey struct{}

// WithMeter returns a context under which a guest runs on m.
func WithMeter(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

// MeterFrom returns the meter that ctx carries, or nil.
func MeterFrom(ctx context.Context) *Meter {
	m, _ := ctx.Value(meterKey{}).(*Meter)
	return m
}
