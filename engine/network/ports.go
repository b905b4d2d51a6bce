package network

import (
	"net/netip"
	"syscall"
)

// find returns what is bound to the address, or to the wildcard of its family,
// or to the wildcard of both.
func find[T any](bound map[netip.AddrPort]T, at netip.AddrPort) (T, bool) {
	if s, ok := bound[at]; ok {
		return s, true
	}
	if at.Addr().Is4() {
		if s, ok := bound[netip.AddrPortFrom(netip.IPv4Unspecified(), at.Port())]; ok {
			return s, true
		}
	}
	s, ok := bound[netip.AddrPortFrom(netip.IPv6Unspecified(), at.Port())]
	return s, ok
}

// collides reports whether something bound stands in the way of at: the same
// address, or either of the two a wildcard that covers the other.
func collides[T any](bound map[netip.AddrPort]T, at netip.AddrPort) bool {
	if _, ok := find(bound, at); ok {
		return true
	}
	if !at.Addr().IsUnspecified() {
		return false
	}
	for b := range bound {
		if b.Port() == at.Port() && (at.Addr().Is6() || b.Addr().Is4() || b.Addr().IsUnspecified()) {
			return true
		}
	}
	return false
}

// ephemeral finds a port that free admits, going round. mu is held.
func (n *Namespace) ephemeral(free func(uint16) bool) (uint16, bool) {
	for range lastPort - firstPort + 1 {
		p := n.next
		if n.next++; n.next > lastPort {
			n.next = firstPort
		}
		if free(p) {
			return p, true
		}
	}
	return 0, false
}

// bindable returns at with its port chosen if it was 0, or EADDRINUSE. mu is held.
func bindable[T any](n *Namespace, bound map[netip.AddrPort]T, at netip.AddrPort) (netip.AddrPort, error) {
	if at.Port() != 0 {
		if collides(bound, at) {
			return at, syscall.EADDRINUSE
		}
		return at, nil
	}
	port, ok := n.ephemeral(func(p uint16) bool {
		return n.taken[p] == 0 && !collides(bound, netip.AddrPortFrom(at.Addr(), p))
	})
	if !ok {
		return at, syscall.EADDRINUSE
	}
	return netip.AddrPortFrom(at.Addr(), port), nil
}

// plain is a without its IPv4-in-IPv6 wrapping; the zero address is the IPv4 wildcard.
func plain(a netip.AddrPort) netip.AddrPort {
	if !a.Addr().IsValid() {
		return netip.AddrPortFrom(netip.IPv4Unspecified(), a.Port())
	}
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
