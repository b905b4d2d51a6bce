package host

import (
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
)

// The sizes of a pipe's buffer, and how much is written in one piece.
const (
	pipeAtomic = 4 << 10
	pipeMax    = 64 << 10
)

// How many pipes the guests of a PID namespace may have, and how many of them
// with the full buffer; as Linux' pipe-user-pages-hard and -soft.
const (
	pipesHard = 1024
	pipesSoft = 256
)

// pipe is the buffer between a PipeReader and a PipeWriter.
type pipe struct {
	id           uint32 // for /proc/PID/fd
	mu           sync.Mutex
	changed      sync.Cond // for the host's ends
	buf          ring
	max          int    // bytes in buf
	free         func() // called when both ends are closed; may be nil
	noReader     bool
	noWriter     bool
	readW, writW waiters // who holds the read end, the write end
}

// A PipeReader is the read end of a pipe.
type PipeReader struct{ p *pipe }

// A PipeWriter is the write end of a pipe.
type PipeWriter struct{ p *pipe }

var (
	_ object = (*PipeReader)(nil)
	_ object = (*PipeWriter)(nil)
)

// Pipe returns the two ends of a pipe. Either can be given to a process as a
// stream, which then owns it, or be used by the host.
func Pipe() (*PipeReader, *PipeWriter) { return newPipe(pipeMax, nil) }

func newPipe(size int, free func()) (*PipeReader, *PipeWriter) {
	p := &pipe{id: rand.Uint32(), max: size, free: free}
	p.changed.L = &p.mu
	return &PipeReader{p}, &PipeWriter{p}
}

// pipe returns a guest's pipe.
func (n *PIDs) pipe() (*PipeReader, *PipeWriter, errno) {
	size := pipeMax
	switch have := n.pipes.Add(1); {
	case have > pipesHard:
		n.pipes.Add(-1)
		return nil, nil, eMFILE
	case have > pipesSoft:
		size = pipeAtomic
	}
	r, w := newPipe(size, func() { n.pipes.Add(-1) })
	return r, w, ok
}

func (r *PipeReader) object() object { return r }
func (w *PipeWriter) object() object { return w }

// tryRead is EAGAIN when there is nothing yet, and 0 at the end.
func (p *pipe) tryRead(b []byte) (n int, e errno) {
	p.mu.Lock()
	switch {
	case len(b) == 0:
	case p.buf.n > 0:
		n = p.buf.read(b)
		p.changed.Broadcast()
	case !p.noWriter:
		e = eAGAIN
	}
	p.mu.Unlock()
	if n > 0 {
		p.writW.wake()
	}
	return n, e
}

// tryWrite is EAGAIN when there is no room: for all of b, if that is little.
func (p *pipe) tryWrite(b []byte) (n int, e errno) {
	p.mu.Lock()
	room := p.max - p.buf.n
	switch {
	case p.noReader:
		e = ePIPE
	case len(b) == 0:
	case room == 0 || len(b) <= pipeAtomic && room < len(b):
		e = eAGAIN
	default:
		n = min(len(b), room)
		p.buf.write(b[:n])
		p.changed.Broadcast()
	}
	p.mu.Unlock()
	if n > 0 {
		p.readW.wake()
	}
	return n, e
}

func (p *pipe) state() readiness {
	p.mu.Lock()
	defer p.mu.Unlock()
	return readiness{
		read:   p.buf.n > 0 || p.noWriter,
		write:  p.max-p.buf.n >= pipeAtomic || p.noReader,
		hangup: p.noReader || p.noWriter,
		n:      uint64(p.buf.n),
	}
}

// shut closes one end.
func (p *pipe) shut(end *bool) {
	p.mu.Lock()
	last := !*end && p.noReader != p.noWriter
	*end = true
	p.changed.Broadcast()
	p.mu.Unlock()
	if last && p.free != nil {
		p.free()
	}
	p.readW.wake()
	p.writW.wake()
}

func (r *PipeReader) read(_ *Process, b []byte) (int, errno) { return r.p.tryRead(b) }
func (r *PipeReader) write(*Process, []byte) (int, errno)    { return 0, eBADF }
func (r *PipeReader) filetype() uint8                        { return typeUnknown }
func (r *PipeReader) watch(p *Process)                       { r.p.readW.watch(p) }
func (r *PipeReader) unwatch(p *Process)                     { r.p.readW.unwatch(p) }
func (r *PipeReader) close()                                 { r.p.shut(&r.p.noReader) }
func (r *PipeReader) label() string                          { return fmt.Sprintf("pipe:[%d]", r.p.id) }

func (r *PipeReader) poll(*Process) readiness {
	s := r.p.state()
	s.write = false
	return s
}

func (w *PipeWriter) read(*Process, []byte) (int, errno)      { return 0, eBADF }
func (w *PipeWriter) write(_ *Process, b []byte) (int, errno) { return w.p.tryWrite(b) }
func (w *PipeWriter) filetype() uint8                         { return typeUnknown }
func (w *PipeWriter) watch(p *Process)                        { w.p.writW.watch(p) }
func (w *PipeWriter) unwatch(p *Process)                      { w.p.writW.unwatch(p) }
func (w *PipeWriter) close()                                  { w.p.shut(&w.p.noWriter) }
func (w *PipeWriter) label() string                           { return fmt.Sprintf("pipe:[%d]", w.p.id) }

func (w *PipeWriter) poll(*Process) readiness {
	s := w.p.state()
	s.read, s.n = false, 0
	return s
}

// Read waits for bytes; it returns io.EOF when all writers are closed.
func (r *PipeReader) Read(b []byte) (int, error) {
	for {
		n, e := r.p.tryRead(b)
		switch {
		case e == ok && n == 0 && len(b) > 0:
			return 0, io.EOF
		case e == ok:
			return n, nil
		}
		r.p.mu.Lock()
		for r.p.buf.n == 0 && !r.p.noWriter && !r.p.noReader {
			r.p.changed.Wait()
		}
		gone := r.p.noReader
		r.p.mu.Unlock()
		if gone {
			return 0, io.ErrClosedPipe
		}
	}
}

// Close closes the read end.
func (r *PipeReader) Close() error {
	r.close()
	return nil
}

// Write waits until all of b is written; it returns io.ErrClosedPipe when all
// readers are closed.
func (w *PipeWriter) Write(b []byte) (n int, err error) {
	for {
		m, e := w.p.tryWrite(b[n:])
		n += m
		switch {
		case e == ePIPE:
			return n, io.ErrClosedPipe
		case n == len(b):
			return n, nil
		}
		w.p.mu.Lock()
		for w.p.max-w.p.buf.n < min(len(b)-n, pipeAtomic) && !w.p.noReader && !w.p.noWriter {
			w.p.changed.Wait()
		}
		gone := w.p.noWriter
		w.p.mu.Unlock()
		if gone {
			return n, io.ErrClosedPipe
		}
	}
}

// Close closes the write end.
func (w *PipeWriter) Close() error {
	w.close()
	return nil
}
