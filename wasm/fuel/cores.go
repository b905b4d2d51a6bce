package fuel

import (
	"k8s.io/utils/clock"
)

// Cores are the processors on which guests may run for long at a time, shared by
// all accounts of a server. A guest that waits often does not need one; a guest
// that burns a quantum without waiting must have one to go on, and queues for
// it. So guests that only compute leave room for the server itself: while all
// processors are busy, Go looks at the network but every 10 ms.
type Cores struct{ taken chan struct{} }

// NewCores returns n of them; a server with p processors leaves p-1 to guests.
func NewCores(n int) *Cores { return &Cores{taken: make(chan struct{}, max(n, 1))} }

// NewAccount returns an account whose processes share the cores.
func (c *Cores) NewAccount(clk clock.Clock) *Account {
	a := NewAccount(clk)
	a.cores = c
	return a
}

// take waits until the meter has a core. What it waited is not charged.
func (m *Meter) take() {
	c := m.account.cores
	if c == nil || m.holding {
		return
	}
	select {
	case c.taken <- struct{}{}:
		m.holding = true
		return
	default:
	}
	select {
	case c.taken <- struct{}{}:
		m.holding = true
	case <-m.killed:
	case <-m.done:
		m.Kill(ErrKilled)
	}
	m.end()
	m.since = m.account.clock.Now()
}

// leave gives the core back, first come first served.
func (m *Meter) leave() {
	if m.holding {
		m.holding = false
		<-m.account.cores.taken
	}
}
