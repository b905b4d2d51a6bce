package network

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// backlog is how many connections may wait to be accepted, unless SetBacklog
// says otherwise (net.core.somaxconn).
const backlog = 4096

// A Listener accepts TCP connections. It is a net.Listener, and can also be
// used without ever blocking.
type Listener struct {
	ns   *Namespace
	addr netip.AddrPort

	mu      sync.Mutex // order: Listener.mu before Conn.mu before Namespace.mu
	queue   []*Conn    // established, to be accepted
	knocks  []*Conn    // attempts that found the queue full
	limit   int
	closed  bool
	waiters sync.Cond
	until   deadline
	ready   hook
}

var _ net.Listener = (*Listener)(nil)

func newListener(ns *Namespace, addr netip.AddrPort) *Listener {
	l := &Listener{ns: ns, addr: addr, limit: backlog}
	l.waiters.L = &l.mu
	return l
}

// offer brings the attempt c, which came for dst and seems to be from, to l.
// If the queue is full c waits until there is room or its time is over.
func (l *Listener) offer(c *Conn, from, dst netip.AddrPort) error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return syscall.ECONNREFUSED
	}
	if len(l.queue) >= l.limit || !l.enqueue(c, from, dst) {
		l.knocks = append(l.knocks, c)
		l.mu.Unlock()
		return nil
	}
	l.mu.Unlock()
	l.ready.call()
	c.ready.call()
	return nil
}

// enqueue establishes c, unless the namespace has no socket left for it. mu is held.
func (l *Listener) enqueue(c *Conn, from, dst netip.AddrPort) bool {
	s := newConn(l.ns, dst, from)
	if l.ns.adopt(s) != nil {
		return false
	}
	join(c, s)
	if !c.leaveConnecting(established, nil) { // closed meanwhile: its end is shut already
		l.ns.release(s)
		return true
	}
	l.queue = append(l.queue, s)
	l.waiters.Broadcast()
	return true
}

// admit lets in the attempts that found the queue full.
func (l *Listener) admit() {
	var let []*Conn
	l.mu.Lock()
	for len(l.knocks) > 0 && len(l.queue) < l.limit {
		c := l.knocks[0]
		if done, _ := c.Established(); !done && !l.enqueue(c, c.seenFrom, c.backend) {
			break
		}
		l.knocks = l.knocks[1:]
		let = append(let, c)
	}
	l.mu.Unlock()
	for _, c := range let {
		c.ready.call()
	}
	if len(let) > 0 {
		l.ready.call()
	}
}

// TryAccept returns a connection, or ErrWouldBlock, or net.ErrClosed.
func (l *Listener) TryAccept() (*Conn, error) {
	l.mu.Lock()
	c, err := l.pop()
	more := len(l.knocks) > 0
	l.mu.Unlock()
	if err == nil && more {
		l.admit()
	}
	return c, err
}

// pop is called with mu held.
func (l *Listener) pop() (*Conn, error) {
	switch {
	case l.closed:
		return nil, net.ErrClosed
	case len(l.queue) == 0:
		return nil, ErrWouldBlock
	}
	c := l.queue[0]
	l.queue[0] = nil
	if l.queue = l.queue[1:]; len(l.queue) == 0 {
		l.queue = nil
	}
	return c, nil
}

// Accept waits for a connection.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		l.mu.Lock()
		for len(l.queue) == 0 && !l.closed && !l.until.expired {
			l.waiters.Wait()
		}
		late := !l.closed && l.until.expired
		l.mu.Unlock()
		if late {
			return nil, opError("accept", "tcp", "accept", nil, l.Addr(), os.ErrDeadlineExceeded)
		}
		switch c, err := l.TryAccept(); err {
		case nil:
			return c, nil
		case ErrWouldBlock: // another caller took it
		default:
			return nil, opError("accept", "tcp", "accept", nil, l.Addr(), err)
		}
	}
}

// Readable reports whether TryAccept would not return ErrWouldBlock.
func (l *Listener) Readable() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue) > 0 || l.closed
}

// OnReady makes f be called, without locks held, whenever there may be
// something to accept.
func (l *Listener) OnReady(f func()) { l.ready.set(f) }

// SetBacklog bounds how many connections may wait to be accepted.
func (l *Listener) SetBacklog(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit = min(max(n, 1), backlog)
}

// SetDeadline bounds Accept, in real time.
func (l *Listener) SetDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return opError("set", "tcp", "setdeadline", nil, l.Addr(), net.ErrClosed)
	}
	l.until.at(t, &l.waiters)
	return nil
}

// Addr is the address it listens at.
func (l *Listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.addr) }

// Close ends the listening. Connections not yet accepted are reset.
func (l *Listener) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return opError("close", "tcp", "close", nil, l.Addr(), net.ErrClosed)
	}
	l.closed = true
	queue, knocks := l.queue, l.knocks
	l.queue, l.knocks = nil, nil
	l.until.stop()
	l.waiters.Broadcast()
	l.mu.Unlock()
	unbind(l.ns, l.ns.tcp, l.addr, l)
	for _, c := range queue {
		c.Reset()
	}
	for _, c := range knocks {
		c.fail(syscall.ECONNREFUSED)
	}
	l.ready.call()
	return nil
}
