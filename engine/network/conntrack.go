package network

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"kubergarten/engine/clock"
)

const (
	udpTimeout       = 30 * time.Second  // net.netfilter.nf_conntrack_udp_timeout
	udpStreamTimeout = 120 * time.Second // nf_conntrack_udp_timeout_stream
	maxFlows         = 131072            // nf_conntrack_max
)

// A Flow is a connection, or a stream of datagrams, from a client to a service.
type Flow struct {
	Protocol Protocol
	Client   netip.AddrPort
	Dst      netip.AddrPort // of the service
	Backend  netip.AddrPort
	Service  string
	Bytes    uint64 // sent by the client; of TCP only

	seen    netip.AddrPort // the client as the backend sees it
	expires time.Time
	replied bool
}

type flowKey struct{ client, other netip.AddrPort }

// conntrack remembers the UDP flows of one node that were rewritten, so that a
// flow keeps its backend, and replies come from the address asked.
type conntrack struct {
	clock clock.Clock

	mu      sync.Mutex // a leaf lock
	forward map[flowKey]*Flow
	reverse map[flowKey]*Flow // seen, backend
	sweep   time.Time         // when to look for expired flows next
}

func newConntrack(c clock.Clock) *conntrack {
	return &conntrack{clock: c, forward: map[flowKey]*Flow{}, reverse: map[flowKey]*Flow{}}
}

// find returns the flow from client to dst, and keeps it alive.
func (t *conntrack) find(client, dst netip.AddrPort) (Flow, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.forward) == 0 {
		return Flow{}, false
	}
	return t.touch(t.forward[flowKey{client, dst}], false)
}

// reply returns the flow of which a datagram from backend to seen is part.
func (t *conntrack) reply(backend, seen netip.AddrPort) (Flow, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.reverse) == 0 {
		return Flow{}, false
	}
	return t.touch(t.reverse[flowKey{seen, backend}], true)
}

func (t *conntrack) touch(f *Flow, reply bool) (Flow, bool) {
	if f == nil {
		return Flow{}, false
	}
	now := t.clock.Now()
	if now.After(f.expires) {
		t.remove(f)
		return Flow{}, false
	}
	f.replied = f.replied || reply
	f.expires = now.Add(timeout(f))
	return *f, true
}

func timeout(f *Flow) time.Duration {
	if f.replied {
		return udpStreamTimeout
	}
	return udpTimeout
}

// add remembers f. If another flow to the backend has the port at which this
// one would be seen, it returns f with the next port that is free.
func (t *conntrack) add(f Flow) Flow {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.Now()
	t.expire(now)
	for t.taken(&f, now) {
		f.seen = netip.AddrPortFrom(f.seen.Addr(), max(f.seen.Port()+1, 1024))
	}
	t.keep(f, now)
	return f
}

// copyOf remembers a flow that was added on another node.
func (t *conntrack) copyOf(f Flow) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keep(f, t.clock.Now())
}

func (t *conntrack) taken(f *Flow, now time.Time) bool {
	old := t.reverse[flowKey{f.seen, f.Backend}]
	return old != nil && !now.After(old.expires) && (old.Client != f.Client || old.Dst != f.Dst)
}

func (t *conntrack) keep(f Flow, now time.Time) {
	f.Protocol, f.expires = UDP, now.Add(udpTimeout)
	if len(t.forward) < maxFlows {
		t.forward[flowKey{f.Client, f.Dst}] = &f
		t.reverse[flowKey{f.seen, f.Backend}] = &f
	}
}

// expire forgets what is over, at most once in udpTimeout. mu is held.
func (t *conntrack) expire(now time.Time) {
	if now.Before(t.sweep) && len(t.forward) < maxFlows {
		return
	}
	t.sweep = now.Add(udpTimeout)
	for _, f := range t.forward {
		if now.After(f.expires) {
			t.remove(f)
		}
	}
}

func (t *conntrack) remove(f *Flow) {
	if k := (flowKey{f.Client, f.Dst}); t.forward[k] == f {
		delete(t.forward, k)
	}
	if k := (flowKey{f.seen, f.Backend}); t.reverse[k] == f {
		delete(t.reverse, k)
	}
}

// clean forgets the flows whose service changed and no longer has their
// backend, as kube-proxy clears stale conntrack entries.
func (t *conntrack) clean(change map[ServiceKey]*Service) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.forward {
		svc, ok := change[ServiceKey{UDP, f.Dst}]
		if ok && (svc == nil || !slices.Contains(svc.Backends, f.Backend)) {
			t.remove(f)
		}
	}
}

// leave forgets the flows of an address that is no more.
func (t *conntrack) leave(a netip.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.forward {
		if f.Client.Addr() == a || f.Backend.Addr() == a {
			t.remove(f)
		}
	}
}

func (t *conntrack) list() []Flow {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Flow
	for _, f := range t.forward {
		if !t.clock.Now().After(f.expires) {
			out = append(out, *f)
		}
	}
	return out
}
