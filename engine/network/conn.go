package network

import (
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

// Service returns the name of the service whose address was dialed, or "", and
// the address that the connection really leads to.
func (c *Conn) Service() (name string, backend netip.AddrPort) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.service, c.backend
}

// OnReady makes f be called, without locks held, whenever the connection may
// have become readable or writable, or its attempt may have ended. What was
// ready before is not told: look after setting f.
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
