package network

import (
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// readFrom waits for a datagram.
func (p *PacketConn) readFrom(b []byte) (int, netip.AddrPort, error) {
	for {
		p.mu.Lock()
		for !p.readable() && !p.readBy.expired {
			p.waiters.Wait()
		}
		late := p.readBy.expired && !p.closed
		p.mu.Unlock()
		if late {
			return 0, netip.AddrPort{}, p.opError("read", "recvfrom", os.ErrDeadlineExceeded)
		}
		if n, from, err := p.TryReadFrom(b); err != ErrWouldBlock {
			return n, from, p.opError("read", "recvfrom", err)
		}
	}
}

// ReadFrom waits for a datagram.
func (p *PacketConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := p.readFrom(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// Read waits for a datagram.
func (p *PacketConn) Read(b []byte) (int, error) {
	n, _, err := p.readFrom(b)
	return n, err
}

// WriteTo sends b to addr, which must be a *net.UDPAddr.
func (p *PacketConn) WriteTo(b []byte, addr net.Addr) (int, error) {
	to, ok := addr.(*net.UDPAddr)
	if !ok {
		return 0, p.opError("write", "sendto", syscall.EINVAL)
	}
	n, err := p.TryWriteTo(b, to.AddrPort())
	return n, p.opError("write", "sendto", err)
}

// Write sends b to the connected address.
func (p *PacketConn) Write(b []byte) (int, error) {
	n, err := p.TryWriteTo(b, netip.AddrPort{})
	return n, p.opError("write", "write", err)
}

// Readable reports whether TryReadFrom would not return ErrWouldBlock.
func (p *PacketConn) Readable() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.readable()
}

// OnReady makes f be called, without locks held, whenever there may be
// something to read.
func (p *PacketConn) OnReady(f func()) { p.ready.set(f) }

// Close frees the address.
func (p *PacketConn) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return p.opError("close", "close", net.ErrClosed)
	}
	p.closed, p.queue, p.bytes = true, nil, 0
	p.readBy.stop()
	p.waiters.Broadcast()
	p.mu.Unlock()
	unbind(p.ns, p.ns.udp, p.bound, p)
	p.ready.call()
	return nil
}

// LocalAddr is the bound address; of a connected socket, the one it sends from.
func (p *PacketConn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(p.local()) }

func (p *PacketConn) local() netip.AddrPort {
	remote := p.connected()
	if p.bound.Addr().IsUnspecified() && remote.IsValid() {
		return netip.AddrPortFrom(p.ns.source(remote.Addr()), p.bound.Port())
	}
	return p.bound
}

// RemoteAddr is the connected address, or nil.
func (p *PacketConn) RemoteAddr() net.Addr {
	if r := p.connected(); r.IsValid() {
		return net.UDPAddrFromAddrPort(r)
	}
	return nil
}

func (p *PacketConn) connected() netip.AddrPort {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.remote
}

// SetDeadline bounds reads, in real time; writes never wait.
func (p *PacketConn) SetDeadline(t time.Time) error { return p.SetReadDeadline(t) }

// SetReadDeadline bounds reads, in real time.
func (p *PacketConn) SetReadDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.readBy.at(t, &p.waiters)
	}
	return nil
}

// SetWriteDeadline does nothing, for writes never wait.
func (p *PacketConn) SetWriteDeadline(time.Time) error { return nil }

func (p *PacketConn) opError(op, call string, err error) error {
	if err == nil {
		return nil
	}
	return opError(op, "udp", call, p.LocalAddr(), p.RemoteAddr(), err)
}
