package network

import (
	"net"
	"net/netip"
)

// Listen opens a listener at addr; the zero address is any, port 0 chooses one.
func (n *Namespace) Listen(addr netip.AddrPort) (*Listener, error) {
	at := plain(addr)
	l, err := bind(n, n.tcp, at, newListener)
	if err != nil {
		return nil, opError("listen", "tcp", "bind", nil, net.TCPAddrFromAddrPort(at), err)
	}
	return l, nil
}

// ListenPacket opens a UDP socket at addr; the zero address is any, port 0
// chooses one.
func (n *Namespace) ListenPacket(addr netip.AddrPort) (*PacketConn, error) {
	at := plain(addr)
	p, err := bind(n, n.udp, at, newPacketConn)
	if err != nil {
		return nil, opError("listen", "udp", "bind", nil, net.UDPAddrFromAddrPort(at), err)
	}
	return p, nil
}

// bind makes a socket at the address, or at a free port of it, and enters it
// into bound, which is one of n's tables.
func bind[T any](n *Namespace, bound map[netip.AddrPort]T, at netip.AddrPort, open func(*Namespace, netip.AddrPort) T) (T, error) {
	var none T
	if err := n.check(at.Addr()); err != nil {
		return none, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.full(); err != nil {
		return none, err
	}
	at, err := bindable(n, bound, at)
	if err != nil {
		return none, err
	}
	s := open(n, at)
	bound[at] = s
	return s, nil
}

// unbind frees the address of s, if it is still its own.
func unbind[T comparable](n *Namespace, bound map[netip.AddrPort]T, at netip.AddrPort, s T) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if bound[at] == s {
		delete(bound, at)
	}
}

// listener returns who listens at the address.
func (n *Namespace) listener(at netip.AddrPort) (*Listener, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return find(n.tcp, at)
}

// packetConn returns who receives datagrams at the address.
func (n *Namespace) packetConn(at netip.AddrPort) (*PacketConn, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return find(n.udp, at)
}
