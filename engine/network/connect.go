package network

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"kubergarten/engine/trace"
)

// Connect begins a TCP connection to addr, from the local address if one is
// given. It does not wait: Established tells how it went.
func (n *Namespace) Connect(addr netip.AddrPort, local ...netip.AddrPort) *Conn {
	from := netip.AddrPort{}
	if len(local) > 0 {
		from = local[0]
	}
	c, err := n.dialer(plain(addr), from)
	if err != nil {
		c.state, c.err = failed, err
		return c
	}
	c.attempt(true)
	return c
}

// dialer makes the connection's near end, with a port of its own.
func (n *Namespace) dialer(to, from netip.AddrPort) (*Conn, error) {
	src, port := from.Addr().Unmap(), from.Port()
	if !src.IsValid() || src.IsUnspecified() {
		src = n.source(to.Addr())
	}
	c := newConn(n, netip.AddrPortFrom(src, port), to)
	c.dialed = true
	if !n.owns(src) {
		return c, syscall.EADDRNOTAVAIL
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if port == 0 {
		var ok bool
		if port, ok = n.ephemeral(func(p uint16) bool {
			return n.taken[p] == 0 && !collides(n.tcp, netip.AddrPortFrom(src, p))
		}); !ok {
			return c, syscall.EADDRNOTAVAIL
		}
	} else if n.taken[port] > 0 {
		return c, syscall.EADDRINUSE
	}
	c.local = netip.AddrPortFrom(src, port)
	c.seenFrom = c.local
	return c, n.hold(c)
}

// attempt sends c on its way; what the wire swallows is tried again when the
// node's services change, until its time is over.
func (c *Conn) attempt(first bool) {
	for again := true; again; {
		seen := c.ns.node.changes.Load()
		err := c.try()
		again = false
		switch {
		case err == errDropped:
			again = !c.ns.node.lost(c, seen)
		case err != nil:
			c.fail(err)
		}
	}
	if first {
		c.limit()
	}
}

func (c *Conn) try() error {
	w, err := c.ns.route(TCP, c.local, c.remote)
	c.mu.Lock()
	c.service, c.backend, c.seenFrom = w.service, w.addr, w.from
	c.mu.Unlock()
	if err != nil {
		return err
	}
	return c.knock(w)
}

// knock brings c to the listener at the end of its way.
func (c *Conn) knock(w way) error {
	l, ok := w.to.listener(w.addr)
	if !ok {
		return syscall.ECONNREFUSED
	}
	if err := l.offer(c, w.from, w.addr); err != nil {
		return err
	}
	c.ns.traceConnected(c, w)
	return nil
}

// limit ends the attempt after the fabric's connect timeout.
func (c *Conn) limit() {
	if done, _ := c.Established(); done {
		return
	}
	cfg := &c.ns.fabric.cfg
	t := cfg.Clock.AfterFunc(cfg.ConnectTimeout, c.expire)
	c.mu.Lock()
	late := c.state != connecting
	if !late {
		c.timer = t
	}
	c.mu.Unlock()
	if late {
		t.Stop()
	}
}

// expire is called by the timer.
func (c *Conn) expire() {
	c.mu.Lock()
	c.timer = nil
	c.mu.Unlock()
	c.ns.node.found(c)
	c.fail(syscall.ETIMEDOUT)
}

func (n *Namespace) traceConnected(c *Conn, w way) {
	if t := n.fabric.cfg.Trace; t != nil && w.to != n && (w.service != "" || !n.host) {
		to := fmt.Sprintf("%s (%s)", w.to.name, w.addr)
		if w.service != "" {
			to = fmt.Sprintf("service %s (%s), to %s", w.service, c.remote, to)
		}
		t.Emit(trace.Record{
			Who: Name, Node: n.node.name, Step: trace.Connected, Object: n.ref(),
			Words: fmt.Sprintf("connected from %s to %s", w.from, to),
		})
	}
}

// Dial connects to addr and waits until that is done. The network is "tcp" or
// "udp", or one of these with 4 or 6 behind it.
func (n *Namespace) Dial(ctx context.Context, network string, addr netip.AddrPort) (net.Conn, error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
		return n.dialTCP(ctx, network, plain(addr))
	case "udp", "udp4", "udp6":
		return n.dialUDP(network, plain(addr))
	}
	return nil, &net.OpError{Op: "dial", Net: network, Err: net.UnknownNetworkError(network)}
}

// DialContext is Dial for addresses as text, as net.Dialer's; the host must be
// an IP address, for names are resolved by DNS servers, not by the wire.
func (n *Namespace) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	addr, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.AddrError{Err: "no IP address and port", Addr: address}}
	}
	return n.Dial(ctx, network, addr)
}

func (n *Namespace) dialTCP(ctx context.Context, network string, addr netip.AddrPort) (net.Conn, error) {
	to := net.TCPAddrFromAddrPort(addr)
	if ctx.Err() != nil {
		return nil, opError("dial", network, "connect", nil, to, ctxError(ctx))
	}
	c := n.Connect(addr)
	if err := c.wait(ctx); err != nil {
		return nil, opError("dial", network, "connect", nil, to, err)
	}
	return c, nil
}

func (n *Namespace) dialUDP(network string, addr netip.AddrPort) (net.Conn, error) {
	p, err := bind(n, n.udp, netip.AddrPortFrom(netip.IPv4Unspecified(), 0), newPacketConn)
	if err != nil {
		return nil, opError("dial", network, "connect", nil, net.UDPAddrFromAddrPort(addr), err)
	}
	return p, p.Connect(addr)
}
