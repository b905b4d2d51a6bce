package network

import (
	"net"
	"net/netip"
)

// Listen opens a listener at addr; the zero address is any, port 0 chooses one.
func (n *Namespace) Listen(addr netip.AddrPort) (*Listener, error) {
	at := plain(addr)
	l, err := n.listen(at)
	if err != nil {
		return nil, opError("listen", "tcp", "bind", nil, net.TCPAddrFromAddrPort(at), err)
	}
	return l, nil
}

func (n *Namespace) listen(at netip.AddrPort) (*Listener, error) {
	if err := n.check(at.Addr()); err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.full(); err != nil {
		return nil, err
	}
	at, err := bindable(n, n.tcp, at)
	if err != nil {
		return nil, err
	}
	l := newListener(n, at)
	n.tcp[at] = l
	return l, nil
}

// unlisten frees l's address.
func (n *Namespace) unlisten(l *Listener) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.tcp[l.addr] == l {
		delete(n.tcp, l.addr)
	}
}

// listener returns who listens at the address.
func (n *Namespace) listener(at netip.AddrPort) (*Listener, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return find(n.tcp, at)
}

// ListenPacket opens a UDP socket at addr; the zero address is any, port 0
// chooses one.
func (n *Namespace) ListenPacket(addr netip.AddrPort) (*PacketConn, error) {
	at := plain(addr)
	p, err := n.listenPacket(at)
	if err != nil {
		return nil, opError("listen", "udp", "bind", nil, net.UDPAddrFromAddrPort(at), err)
	}
	return p, nil
}

func (n *Namespace) listenPacket(at netip.AddrPort) (*PacketConn, error) {
	if err := n.check(at.Addr()); err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.full(); err != nil {
		return nil, err
	}
	at, err := bindable(n, n.udp, at)
	if err != nil {
		return nil, err
	}
	p := newPacketConn(n, at)
	n.udp[at] = p
	return p, nil
}

func (n *Namespace) unbind(p *PacketConn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.udp[p.bound] == p {
		delete(n.udp, p.bound)
	}
}

// packetConn returns who receives datagrams at the address.
func (n *Namespace) packetConn(at netip.AddrPort) (*PacketConn, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return find(n.udp, at)
}
