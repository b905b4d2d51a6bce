package proxy

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"kubergarten/engine/clock"
)

// maxSticky bounds the clients that one balancer remembers.
const maxSticky = 10000

// A balancer takes turns among the backends of one service port, and remembers
// the clients of session affinity. It outlives the rules that use it, so that a
// change of endpoints does not begin the turns anew.
type balancer struct {
	clock clock.Clock

	mu     sync.Mutex
	turn   int
	sticky map[netip.Addr]stick
}

type stick struct {
	backend netip.AddrPort
	last    time.Time
}

func newBalancer(c clock.Clock) *balancer {
	return &balancer{clock: c, sticky: map[netip.Addr]stick{}}
}

// pick chooses among backends, of which there is at least one. With a sticky
// time, a client comes back to its backend unless that has gone, or the client
// stayed away for longer.
func (b *balancer) pick(backends []netip.AddrPort, client netip.Addr, sticky time.Duration) netip.AddrPort {
	b.mu.Lock()
	defer b.mu.Unlock()
	if sticky == 0 {
		return b.next(backends)
	}
	now := b.clock.Now()
	s, ok := b.sticky[client]
	if !ok || now.Sub(s.last) >= sticky || !slices.Contains(backends, s.backend) {
		b.forget(now, sticky)
		s.backend = b.next(backends)
	}
	s.last = now
	b.sticky[client] = s
	return s.backend
}

func (b *balancer) next(backends []netip.AddrPort) netip.AddrPort {
	b.turn = (b.turn + 1) % len(backends)
	return backends[b.turn]
}

// forget makes room by dropping the clients that stayed away, or all.
func (b *balancer) forget(now time.Time, sticky time.Duration) {
	if len(b.sticky) < maxSticky {
		return
	}
	for c, s := range b.sticky {
		if now.Sub(s.last) >= sticky {
			delete(b.sticky, c)
		}
	}
	if len(b.sticky) >= maxSticky {
		clear(b.sticky)
	}
}
