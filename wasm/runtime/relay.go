package runtime

import (
	"bytes"
	"context"
	"io"
	"sync"
)

// relay carries what a process writes to a client that may be slow, or hang. It
// holds the writer up when it is full, but not after the process was killed.
type relay struct {
	w      io.Writer
	parts  chan []byte
	once   sync.Once
	closed chan struct{} // no more will come
	done   chan struct{} // nothing will be written any more
}

// newRelay returns a relay to w, and starts it; with no w it swallows all.
func newRelay(w io.Writer) *relay {
	if w == nil {
		w = io.Discard
	}
	r := &relay{w: w, parts: make(chan []byte, 8), closed: make(chan struct{}), done: make(chan struct{})}
	go r.pump()
	return r
}

func (r *relay) pump() {
	defer close(r.done)
	for {
		select {
		case p := <-r.parts:
			if _, err := r.w.Write(p); err != nil {
				return
			}
		case <-r.closed:
			r.rest()
			return
		}
	}
}

// rest writes what came before the end.
func (r *relay) rest() {
	for {
		select {
		case p := <-r.parts:
			if _, err := r.w.Write(p); err != nil {
				return
			}
		default:
			return
		}
	}
}

// Write implements io.Writer.
func (r *relay) Write(p []byte) (int, error) { return r.WriteContext(context.Background(), p) }

// WriteContext implements host.ContextWriter.
func (r *relay) WriteContext(ctx context.Context, p []byte) (n int, err error) {
	for n < len(p) {
		part := bytes.Clone(p[n:min(n+32<<10, len(p))])
		select {
		case <-r.closed:
			return n, io.ErrClosedPipe
		default:
		}
		select {
		case r.parts <- part:
			n += len(part)
		case <-r.closed:
			return n, io.ErrClosedPipe
		case <-r.done:
			return n, io.ErrClosedPipe
		case <-ctx.Done():
			return n, ctx.Err()
		}
	}
	return n, nil
}

// finish takes no more, and waits until the client has what came before, or ctx
// is done.
func (r *relay) finish(ctx context.Context) {
	r.once.Do(func() { close(r.closed) })
	select {
	case <-r.done:
	case <-ctx.Done():
	}
}
