package network

// Upstream: containernetworking/plugins/plugins/ipam/host-local

import (
	"fmt"
	"net/netip"
	"sync"
)

// ipam hands out the addresses of one node's pods, as host-local does: round
// robin, so that an address rests as long as possible before it is used again.
type ipam struct {
	cidr    netip.Prefix
	gateway netip.Addr // the first address
	last    netip.Addr // the last but one: not the broadcast address

	mu   sync.Mutex
	next netip.Addr
	used map[netip.Addr]string // by sandbox
}

func newIPAM(cidr netip.Prefix) (*ipam, error) {
	if !cidr.IsValid() || !cidr.Addr().Is4() || cidr.Bits() > 30 {
		return nil, fmt.Errorf("network %v too small to allocate from", cidr)
	}
	cidr = cidr.Masked()
	gw := cidr.Addr().Next()
	return &ipam{cidr: cidr, gateway: gw, last: broadcast(cidr).Prev(), next: gw.Next(), used: map[netip.Addr]string{}}, nil
}

// broadcast is the highest address of an IPv4 prefix.
func broadcast(p netip.Prefix) netip.Addr {
	a := p.Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		a[bit/8] |= 1 << (7 - bit%8)
	}
	return netip.AddrFrom4(a)
}

func (p *ipam) allocate(sandbox string) (netip.Addr, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for a, first := p.next, true; first || a != p.next; first = false {
		after := p.after(a)
		if _, taken := p.used[a]; !taken {
			p.used[a], p.next = sandbox, after
			return a, nil
		}
		a = after
	}
	return netip.Addr{}, fmt.Errorf("failed to allocate for range 0: no IP addresses available in range set: %s-%s", p.gateway, p.last)
}

func (p *ipam) after(a netip.Addr) netip.Addr {
	if a == p.last {
		return p.gateway.Next()
	}
	return a.Next()
}

func (p *ipam) release(a netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.used, a)
}
