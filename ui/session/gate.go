package session

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
	"k8s.io/utils/clock"
)

// Limits of a Gate.
const (
	attempts  = 5           // at once
	each      = time.Minute // in which as many come back
	addresses = 10000       // remembered
)

// A Gate limits how often an address may try to log in.
type Gate struct {
	clock clock.PassiveClock

	mu   sync.Mutex
	seen map[string]*rate.Limiter
}

// NewGate returns a gate that has seen nobody.
func NewGate(c clock.PassiveClock) *Gate { return &Gate{clock: c, seen: map[string]*rate.Limiter{}} }

// Allow tells whether the address may try once more.
func (g *Gate) Allow(address string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	l, ok := g.seen[address]
	if !ok {
		g.forget(now)
		l = rate.NewLimiter(rate.Every(each/attempts), attempts)
		g.seen[address] = l
	}
	return l.AllowN(now, 1)
}

// forget makes room: of those who have all their attempts back, or of all.
func (g *Gate) forget(now time.Time) {
	if len(g.seen) < addresses {
		return
	}
	for a, l := range g.seen {
		if l.TokensAt(now) >= attempts {
			delete(g.seen, a)
		}
	}
	if len(g.seen) >= addresses {
		clear(g.seen)
	}
}
