package network

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"k8s.io/utils/clock"
)

// A Conn is one end of a TCP connection. It is a net.Conn, and can also be used
// without ever blocking.
type Conn struct {
	ns            *Namespace
	local, remote netip.AddrPort
	service       string         // whose address was dialed, "default/web:http"
	backend       netip.AddrPort // where the wire took it; remote, unless a service's address
	seenFrom      netip.AddrPort // the address that the peer sees, local unless masqueraded
	dialed        bool           // this end called Connect

	rx    pipe // what this end has still to read
	ready hook
	peer  atomic.Pointer[Conn] // nil until established
	wmu   sync.Mutex           // one Write at a time, so that they do not mix

	mu    sync.Mutex // order: Listener.mu before Conn.mu before Namespace.mu
	state connState
	err   error         // why it failed
	done  chan struct{} // closed when no longer connecting; nil until somebody waits
	timer clock.Timer   // of the attempt
}

type connState int

const (
	connecting connState = iota
	established
	failed
	closed
)

var _ net.Conn = (*Conn)(nil)

func newConn(ns *Namespace, local, remote netip.AddrPort) *Conn {
	c := &Conn{ns: ns, local: local, remote: remote, backend: remote}
	c.rx.init(&c.ready)
	return c
}

// join makes c and s the two ends of one connection.
func join(c, s *Conn) {
	s.state = established
	s.rx.onWrite = &c.ready
	c.rx.mu.Lock()
	c.rx.onWrite = &s.ready
	c.rx.mu.Unlock()
	s.peer.Store(c)
	c.peer.Store(s)
}

// leaveConnecting ends the attempt and reports whether it was still going on.
func (c *Conn) leaveConnecting(to connState, err error) bool {
	c.mu.Lock()
	if c.state != connecting {
		c.mu.Unlock()
		return false
	}
	t := c.end(to, err)
	c.mu.Unlock()
	stop(t)
	return true
}

// end is called with mu held, in state connecting; its timer is to be stopped
// once mu is not held, for clocks have locks of their own.
func (c *Conn) end(to connState, err error) (t clock.Timer) {
	c.state, c.err = to, err
	if c.done != nil {
		close(c.done)
	}
	t, c.timer = c.timer, nil
	return t
}

func stop(t clock.Timer) {
	if t != nil {
		t.Stop()
	}
}

// fail ends the attempt with err.
func (c *Conn) fail(err error) {
	if c.leaveConnecting(failed, err) {
		c.ns.forget(c)
		c.ready.call()
	}
}

// Established reports whether the attempt to connect has ended, and how.
func (c *Conn) Established() (done bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state != connecting, c.err
}

// wait waits for the attempt to end.
func (c *Conn) wait(ctx context.Context) error {
	c.mu.Lock()
	if c.state == connecting && c.done == nil {
		c.done = make(chan struct{})
	}
	done := c.done
	c.mu.Unlock()
	if done != nil {
		select {
		case <-done:
		case <-ctx.Done():
			c.Close()
			return ctxError(ctx)
		}
	}
	_, err := c.Established()
	return err
}

// Service returns the name of the service whose address was dialed, or "", and
// the address that the connection really leads to.
func (c *Conn) Service() (name string, backend netip.AddrPort) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.service, c.backend
}

// OnReady makes f be called, without locks held, whenever the connection may
// have become readable or writable, or its attempt may have ended.
func (c *Conn) OnReady(f func()) { c.ready.set(f) }

// Readable reports whether TryRead would not return ErrWouldBlock.
func (c *Conn) Readable() bool {
	if done, err := c.Established(); !done || err != nil {
		return err != nil
	}
	c.rx.mu.Lock()
	defer c.rx.mu.Unlock()
	return c.rx.readable()
}

// Writable reports whether TryWrite would not return ErrWouldBlock.
func (c *Conn) Writable() bool {
	p := c.peer.Load()
	if p == nil {
		done, err := c.Established()
		return done && err != nil
	}
	p.rx.mu.Lock()
	defer p.rx.mu.Unlock()
	return p.rx.writable()
}

// TryRead reads what there is. Errors are ErrWouldBlock, io.EOF, net.ErrClosed
// or a bare syscall.Errno.
func (c *Conn) TryRead(b []byte) (int, error) {
	if c.peer.Load() == nil {
		return 0, c.notYet()
	}
	return c.rx.tryRead(b)
}

// TryWrite writes what fits. Errors are as those of TryRead.
func (c *Conn) TryWrite(b []byte) (int, error) {
	p := c.peer.Load()
	if p == nil {
		return 0, c.notYet()
	}
	return p.rx.tryWrite(b)
}

// notYet is what one gets who uses a connection that is not established.
func (c *Conn) notYet() error {
	switch done, err := c.Established(); {
	case err != nil:
		return err
	case done:
		return net.ErrClosed
	}
	return ErrWouldBlock
}

// Read waits for bytes.
func (c *Conn) Read(b []byte) (int, error) {
	if c.peer.Load() == nil {
		return 0, c.opError("read", "read", syscall.ENOTCONN)
	}
	if len(b) == 0 {
		return 0, nil
	}
	n, err := c.rx.read(b)
	return n, c.opError("read", "read", err)
}

// Write waits until all of b is on its way.
func (c *Conn) Write(b []byte) (int, error) {
	p := c.peer.Load()
	if p == nil {
		return 0, c.opError("write", "write", syscall.ENOTCONN)
	}
	c.wmu.Lock()
	defer c.wmu.Unlock()
	n, err := p.rx.write(b)
	return n, c.opError("write", "write", err)
}

// CloseWrite ends the writing: the peer reads what was sent, then end of file.
func (c *Conn) CloseWrite() error {
	p := c.peer.Load()
	if p == nil {
		return c.opError("close", "shutdown", syscall.ENOTCONN)
	}
	p.rx.finish(false)
	return nil
}

// CloseRead ends the reading: what still comes is lost.
func (c *Conn) CloseRead() error {
	if c.peer.Load() == nil {
		return c.opError("close", "shutdown", syscall.ENOTCONN)
	}
	c.rx.hangUp()
	return nil
}

// Close ends the connection. If bytes were left unread the peer gets
// "connection reset by peer", else it reads end of file.
func (c *Conn) Close() error {
	if !c.shut() {
		return c.opError("close", "close", net.ErrClosed)
	}
	unread := c.rx.leave()
	if p := c.peer.Load(); p != nil {
		if unread {
			c.hurt(p)
		} else {
			p.rx.finish(true)
		}
	}
	return nil
}

// Reset ends the connection as a process's death does that left it in disorder:
// the peer gets "connection reset by peer".
func (c *Conn) Reset() {
	if !c.shut() {
		return
	}
	c.rx.leave()
	if p := c.peer.Load(); p != nil {
		c.hurt(p)
	}
}

// hurt breaks both directions as a reset from c, which is closed, to its peer
// does.
func (c *Conn) hurt(p *Conn) {
	c.rx.abort(syscall.ECONNRESET, false)
	p.rx.abort(syscall.ECONNRESET, true)
}

// shut takes the connection out of its namespace, once.
func (c *Conn) shut() bool {
	c.mu.Lock()
	var t clock.Timer
	switch c.state {
	case closed:
		c.mu.Unlock()
		return false
	case connecting:
		t = c.end(closed, net.ErrClosed)
	default:
		c.state = closed
	}
	c.mu.Unlock()
	stop(t)
	c.ns.forget(c)
	return true
}

// LocalAddr is this end's address.
func (c *Conn) LocalAddr() net.Addr { return net.TCPAddrFromAddrPort(c.local) }

// RemoteAddr is the address that was dialed, or where the peer seems to be.
func (c *Conn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }

// SetDeadline sets both deadlines, in real time.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline bounds Read, in real time.
func (c *Conn) SetReadDeadline(t time.Time) error {
	if c.isClosed() {
		return c.opError("set", "setdeadline", net.ErrClosed)
	}
	c.rx.setReadDeadline(t)
	return nil
}

// SetWriteDeadline bounds Write, in real time.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	p := c.peer.Load()
	if p == nil || c.isClosed() {
		return c.opError("set", "setdeadline", net.ErrClosed)
	}
	p.rx.setWriteDeadline(t)
	return nil
}

func (c *Conn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == closed
}
