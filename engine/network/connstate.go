package network

import (
	"context"
	"io"
	"net"
	"syscall"

	"k8s.io/utils/clock"
)

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
	c.ns.node.found(c)
	c.ns.forget(c)
	return true
}

func (c *Conn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == closed
}

// opError dresses err, unless it is nil or the end of file.
func (c *Conn) opError(op, call string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return opError(op, "tcp", call, c.LocalAddr(), c.RemoteAddr(), err)
}
