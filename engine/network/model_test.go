package network

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"syscall"
	"testing"
)

// An end is what the model knows of one end of a connection.
type end struct {
	c       *Conn
	pending []byte // sent by the peer, not yet read here
	fin     bool   // the peer has ended its writing
	deaf    bool   // CloseRead was called here
	wclosed bool   // CloseWrite was called here
	closed  bool
	reset   bool // the connection was reset by the other
	bounced bool // a write here was lost on a closed peer
}

type model struct {
	t    *testing.T
	r    *rand.Rand
	ends [2]*end
	sent byte
}

// step does one random thing.
func (m *model) step() {
	i := m.r.IntN(2)
	me, peer := m.ends[i], m.ends[1-i]
	switch n := m.r.IntN(40); {
	case n < 18:
		m.write(me, peer)
	case n < 36:
		m.read(me)
	case n == 36:
		m.closeWrite(me, peer)
	case n == 37 && m.r.IntN(4) == 0:
		m.close(me, peer)
	case n == 38 && m.r.IntN(8) == 0:
		m.closeRead(me)
	}
}

func (m *model) write(me, peer *end) {
	p := make([]byte, m.r.IntN(100_000))
	for j := range p {
		m.sent++
		p[j] = m.sent
	}
	n, err := me.c.TryWrite(p)
	m.sent -= byte(len(p) - n)
	var want error
	switch {
	case me.closed:
		want = net.ErrClosed
	case me.wclosed:
		want = syscall.EPIPE
	case me.reset:
		want = syscall.ECONNRESET
	case peer.closed && me.bounced:
		want = syscall.EPIPE
	case peer.closed:
		me.bounced = true
	case peer.deaf:
	case errors.Is(err, ErrWouldBlock):
		if len(peer.pending) < ringMax/2 {
			m.t.Fatalf("write would block with %d bytes inside", len(peer.pending))
		}
		return
	default:
		peer.pending = append(peer.pending, p[:n]...)
	}
	if !errors.Is(err, want) {
		m.t.Fatalf("write: %v, want %v (%+v)", err, want, me)
	}
}

func (m *model) read(me *end) {
	p := make([]byte, 1+m.r.IntN(100_000))
	n, err := me.c.TryRead(p)
	var want error
	switch {
	case me.closed:
		want = net.ErrClosed
	case len(me.pending) > 0:
		if !bytes.Equal(p[:n], me.pending[:min(len(p), len(me.pending))]) {
			m.t.Fatal("read what was not written")
		}
		me.pending = me.pending[n:]
	case me.fin:
		want = io.EOF
	case me.reset:
		want = syscall.ECONNRESET
	case me.deaf:
		want = io.EOF
	default:
		want = ErrWouldBlock
	}
	if !errors.Is(err, want) {
		m.t.Fatalf("read: %v, want %v (%+v)", err, want, me)
	}
}

func (m *model) closeWrite(me, peer *end) {
	if me.closed {
		return
	}
	must(m.t, me.c.CloseWrite())
	me.wclosed, peer.fin = true, true
}

func (m *model) closeRead(me *end) {
	if me.closed {
		return
	}
	must(m.t, me.c.CloseRead())
	me.deaf, me.pending = true, nil
}

// close with bytes unread resets the peer, unless it has read the end already.
func (m *model) close(me, peer *end) {
	err := me.c.Close()
	if me.closed != errors.Is(err, net.ErrClosed) {
		m.t.Fatalf("close: %v", err)
	}
	if me.closed {
		return
	}
	unread := len(me.pending) > 0
	me.closed, me.pending = true, nil
	peer.fin, peer.reset = peer.fin || !unread, peer.reset || unread
}
