package network

import (
	"net"
	"net/netip"
	"sync"
	"syscall"
)

const (
	maxDatagram   = 65507      // bytes in one datagram
	receiveBuffer = 208 * 1024 // bytes waiting at one socket (net.core.rmem_default)
	overhead      = 256        // what a waiting datagram costs beside its bytes
)

// A PacketConn is a UDP socket, connected or not. It is a net.PacketConn and a
// net.Conn, as *net.UDPConn is, and can also be used without ever blocking.
type PacketConn struct {
	ns    *Namespace
	bound netip.AddrPort

	mu      sync.Mutex // a leaf lock
	remote  netip.AddrPort
	queue   []datagram
	bytes   int
	broken  error // what an ICMP message said; told once
	closed  bool
	waiters sync.Cond
	readBy  deadline
	ready   hook
}

type datagram struct {
	from netip.AddrPort
	data []byte
}

var (
	_ net.PacketConn = (*PacketConn)(nil)
	_ net.Conn       = (*PacketConn)(nil)
)

func newPacketConn(ns *Namespace, at netip.AddrPort) *PacketConn {
	p := &PacketConn{ns: ns, bound: at}
	p.waiters.L = &p.mu
	return p
}

// Connect makes addr the only address that p sends to and receives from; the
// zero address lifts that.
func (p *PacketConn) Connect(addr netip.AddrPort) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return net.ErrClosed
	}
	if p.remote = addr; addr.IsValid() {
		p.remote = plain(addr)
	}
	return nil
}

// arrive is called by the wire. What does not fit is lost.
func (p *PacketConn) arrive(from netip.AddrPort, b []byte) {
	p.mu.Lock()
	if p.closed || p.remote.IsValid() && p.remote != from || p.bytes+len(b)+overhead > receiveBuffer {
		p.mu.Unlock()
		return
	}
	p.queue = append(p.queue, datagram{from, append([]byte(nil), b...)})
	p.bytes += len(b) + overhead
	p.waiters.Signal()
	p.mu.Unlock()
	p.ready.call()
}

// refuse is called by the wire when nobody is at the address p sent to; only a
// connected socket is told.
func (p *PacketConn) refuse(err error) {
	p.mu.Lock()
	told := p.remote.IsValid() && !p.closed
	if told {
		p.broken = err
		p.waiters.Broadcast()
	}
	p.mu.Unlock()
	if told {
		p.ready.call()
	}
}

// readable is called with mu held.
func (p *PacketConn) readable() bool { return len(p.queue) > 0 || p.closed || p.broken != nil }

// TryReadFrom returns the oldest datagram; what does not fit in b is lost.
// Errors are ErrWouldBlock, net.ErrClosed or a bare syscall.Errno.
func (p *PacketConn) TryReadFrom(b []byte) (int, netip.AddrPort, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	case p.broken != nil:
		err := p.broken
		p.broken = nil
		return 0, netip.AddrPort{}, err
	case len(p.queue) == 0:
		return 0, netip.AddrPort{}, ErrWouldBlock
	}
	d := p.queue[0]
	p.queue[0] = datagram{}
	if p.queue = p.queue[1:]; len(p.queue) == 0 {
		p.queue = nil
	}
	p.bytes -= len(d.data) + overhead
	return copy(b, d.data), d.from, nil
}

// TryWriteTo sends one datagram; the zero address is the connected one. It
// never would block.
func (p *PacketConn) TryWriteTo(b []byte, to netip.AddrPort) (int, error) {
	p.mu.Lock()
	closed, remote, broken := p.closed, p.remote, p.broken
	p.broken = nil
	p.mu.Unlock()
	if !to.IsValid() {
		to = remote
	}
	switch {
	case closed:
		return 0, net.ErrClosed
	case broken != nil:
		return 0, broken
	case !to.IsValid():
		return 0, syscall.EDESTADDRREQ
	case len(b) > maxDatagram:
		return 0, syscall.EMSGSIZE
	}
	if err := p.ns.send(p, b, plain(to)); err != nil {
		return 0, err
	}
	return len(b), nil
}
