package network

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// A pipe is one direction of a TCP connection: the bytes that its reader has
// still to read. mu is a leaf lock: nothing else is locked under it.
type pipe struct {
	mu   sync.Mutex
	ring ring
	sent uint64 // bytes ever written

	full    bool  // the writer must wait until half of the ring is free
	fin     bool  // the writer has shut down: end of file after the ring
	closedW bool  // the writer's own end is closed
	deaf    bool  // the reader has shut down: what is written is lost
	gone    bool  // the reader's own end is closed: the first write is lost, and
	rst     bool  // is answered by a reset, so that the next ones fail
	reset   error // what broke the connection; read after the ring

	readers, writers sync.Cond
	readBy, writeBy  deadline
	onRead, onWrite  *hook
}

func (p *pipe) init(reader *hook) {
	p.readers.L, p.writers.L = &p.mu, &p.mu
	p.onRead = reader
}

// readable reports whether a read would not wait. mu is held.
func (p *pipe) readable() bool {
	return p.ring.n > 0 || p.fin || p.deaf || p.gone || p.reset != nil
}

// writable reports whether a write would not wait. mu is held.
func (p *pipe) writable() bool {
	return !p.full || p.fin || p.deaf || p.gone || p.reset != nil
}

// take reads what there is. mu is held, and the pipe is readable.
func (p *pipe) take(b []byte) (int, error) {
	switch {
	case p.gone:
		return 0, net.ErrClosed
	case p.ring.n > 0:
		n := p.ring.read(b)
		if p.full && p.ring.free() >= ringMax/2 {
			p.full = false
			p.writers.Broadcast()
		}
		return n, nil
	case p.reset != nil && !p.fin:
		return 0, p.reset
	}
	return 0, io.EOF
}

// put writes what fits. mu is held, and the pipe is writable.
func (p *pipe) put(b []byte) (int, error) {
	switch {
	case p.closedW:
		return 0, net.ErrClosed
	case p.fin:
		return 0, syscall.EPIPE
	case p.reset != nil:
		return 0, p.reset
	case p.gone && p.rst:
		return 0, syscall.EPIPE
	case p.gone, p.deaf:
		p.rst = true
		return len(b), nil
	}
	if p.ring.n == 0 && len(b) > 0 {
		p.readers.Broadcast()
	}
	n := p.ring.write(b)
	p.full = p.ring.free() == 0
	p.sent += uint64(n)
	return n, nil
}

func (p *pipe) tryRead(b []byte) (int, error) {
	p.mu.Lock()
	if !p.readable() {
		p.mu.Unlock()
		return 0, ErrWouldBlock
	}
	full := p.full
	n, err := p.take(b)
	freed, wake := full && !p.full, p.onWrite
	p.mu.Unlock()
	if freed {
		wake.call()
	}
	return n, err
}

func (p *pipe) tryWrite(b []byte) (int, error) {
	p.mu.Lock()
	if !p.writable() {
		p.mu.Unlock()
		return 0, ErrWouldBlock
	}
	empty := p.ring.n == 0
	n, err := p.put(b)
	p.mu.Unlock()
	if empty && n > 0 {
		p.onRead.call()
	}
	return n, err
}

// read waits for bytes, the end, or the deadline.
func (p *pipe) read(b []byte) (int, error) {
	for {
		p.mu.Lock()
		for !p.readable() && !p.readBy.expired {
			p.readers.Wait()
		}
		late := p.readBy.expired && !p.gone
		p.mu.Unlock()
		if late {
			return 0, os.ErrDeadlineExceeded
		}
		if n, err := p.tryRead(b); err != ErrWouldBlock {
			return n, err
		}
	}
}

// write waits until all of b is written, the pipe breaks, or the deadline.
func (p *pipe) write(b []byte) (n int, err error) {
	for {
		p.mu.Lock()
		for !p.writable() && !p.writeBy.expired {
			p.writers.Wait()
		}
		late := p.writeBy.expired && !p.closedW
		p.mu.Unlock()
		if late {
			return n, os.ErrDeadlineExceeded
		}
		m, err := p.tryWrite(b[n:])
		n += m
		if n == len(b) || err != nil && err != ErrWouldBlock {
			return n, err
		}
	}
}

// change alters the state of the pipe and wakes both sides.
func (p *pipe) change(f func()) {
	p.mu.Lock()
	f()
	p.readers.Broadcast()
	p.writers.Broadcast()
	r, w := p.onRead, p.onWrite
	p.mu.Unlock()
	r.call()
	w.call()
}

// finish ends the writing; closed says that the writer's end is closed too.
func (p *pipe) finish(closed bool) {
	p.change(func() {
		p.fin, p.closedW = true, p.closedW || closed
		if closed {
			p.writeBy.stop()
		}
	})
}

// leave ends the reading, and reports whether bytes were left unread, which on
// a real wire makes the kernel answer with a reset.
func (p *pipe) leave() (unread bool) {
	p.change(func() {
		unread = p.ring.n > 0
		p.gone = true
		p.ring.drop()
		p.readBy.stop()
	})
	return unread
}

// hangUp is SHUT_RD: reads end, and what is written from now on is lost.
func (p *pipe) hangUp() {
	p.change(func() { p.deaf = true; p.ring.drop() })
}

// abort breaks the pipe with err; closed says that the writer's end is closed.
func (p *pipe) abort(err error, closed bool) {
	p.change(func() {
		if p.reset == nil {
			p.reset = err
		}
		if p.closedW = p.closedW || closed; closed {
			p.writeBy.stop()
		}
	})
}

func (p *pipe) setReadDeadline(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.readBy.at(t, &p.readers)
}

func (p *pipe) setWriteDeadline(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writeBy.at(t, &p.writers)
}
