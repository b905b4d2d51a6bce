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

// A Meter measures one process, one instance of a module, for its container's
// account. A process is one goroutine; only Kill and Used may be called
// by others.
type Meter struct {
	account *Account
	check   func() // may be nil; panics if the process must end
	done    <-chan struct{}
	counter api.MutableGlobal

	since   time.Time // when the stretch that is not yet charged began
	running bool
	holding bool // one of the cores

	kill   sync.Once
	killed chan struct{}
	reason error // set before killed is closed

	mu   sync.Mutex
	used time.Duration
}

// NewMeter returns the meter of a new process, stopped. Waits for the CPU end
// with ctx; check, if not nil, is called whenever the process may be
// interrupted, and panics if it must end.
func (a *Account) NewMeter(ctx context.Context, check func()) *Meter {
	return &Meter{account: a, check: check, done: ctx.Done(), killed: make(chan struct{})}
}

// Kill makes the process end: its next Start, or call of yield, panics with
// reason, which comes back from the call into the guest (errors.Is knows it).
// Only the first Kill counts.
func (m *Meter) Kill(reason error) {
	m.kill.Do(func() {
		m.reason = reason
		close(m.killed)
	})
}

// Used is the CPU time that the process has used.
func (m *Meter) Used() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used
}

// Stop stops the stopwatch: the process is about to wait, or at its end.
func (m *Meter) Stop() {
	m.charge(m.account.clock.Now())
	m.running = false
	m.leave()
}

// Start starts the stopwatch: the process runs, or runs on. It waits first if
// the container is over its limit.
func (m *Meter) Start() {
	m.settle()
	m.running = true
}

// Yield is where the guest comes when its fuel is used up: it lets others run,
// and returns with new fuel.
func (m *Meter) Yield(mod api.Module) {
	m.charge(m.account.clock.Now())
	m.leave()
	runtime.Gosched()
	m.settle()
	m.take()
	if m.counter == nil {
		m.counter, _ = mod.ExportedGlobal(Global).(api.MutableGlobal)
	}
	m.counter.Set(Quantum)
}

// settle waits until the container may run, and begins a new stretch.
func (m *Meter) settle() {
	for {
		m.end()
		now := m.account.clock.Now()
		m.since = now
		wait, stale := m.account.debt(now)
		if wait <= 0 {
			return
		}
		m.sleep(wait, stale)
		m.account.waited(m.account.clock.Since(now))
	}
}

// charge puts the stretch that ends now on the account.
func (m *Meter) charge(now time.Time) {
	if !m.running {
		return
	}
	d := now.Sub(m.since)
	m.since = now
	m.account.charge(d, now)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used += d
}

func (m *Meter) sleep(d time.Duration, stale <-chan struct{}) {
	t := m.account.clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C():
	case <-stale:
	case <-m.killed:
	case <-m.done:
		m.Kill(ErrKilled)
	}
}

// end panics if the process must end.
func (m *Meter) end() {
	if m.check != nil {
		m.check()
	}
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
