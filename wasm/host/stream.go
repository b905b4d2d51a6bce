package host

import (
	"context"
	"io"
)

// A Stream can be a process's standard stream: Null, a Writer, an end of a
// Pipe, or a TTY. A process owns the streams of its Config and closes them; one
// stream may be given for several.
type Stream interface{ object() object }

// ContextWriter is a writer that may block until ctx ends.
type ContextWriter interface {
	WriteContext(ctx context.Context, p []byte) (int, error)
}

// Null returns a stream at its end, that swallows what is written.
func Null() Stream { return &null{} }

// Writer returns a stream that is written to w, in the process's goroutine. w
// should not block, unless it is a ContextWriter: then WriteContext is called
// with a context that ends when the process is killed. It is closed if it is an
// io.Closer.
func Writer(w io.Writer) Stream { return &sink{w: w} }

// streams opens cfg's standard streams.
func (c *Config) streams() []descriptor {
	seen := map[Stream]descriptor{}
	var out []descriptor
	for _, s := range []Stream{c.Stdin, c.Stdout, c.Stderr} {
		if s == nil {
			s = Null()
		}
		d, known := seen[s]
		if !known {
			d = newDescriptor(s.object())
			seen[s] = d
		}
		out = append(out, d)
	}
	return out
}

// unwatched is an object that is always ready.
type unwatched struct{}

func (unwatched) poll(*Process) readiness { return readiness{read: true, write: true} }
func (unwatched) watch(*Process)          {}
func (unwatched) unwatch(*Process)        {}
func (unwatched) close()                  {}

// null is /dev/null as a stream.
type null struct {
	unwatched
	_ byte // so that two are not the same
}

func (n *null) object() object                        { return n }
func (*null) read(*Process, []byte) (int, errno)      { return 0, ok }
func (*null) write(_ *Process, b []byte) (int, errno) { return len(b), ok }
func (*null) filetype() uint8                         { return typeChar }
func (*null) label() string                           { return "/dev/null" }

// sink is a writer of the host's as a stream.
type sink struct {
	unwatched
	w io.Writer
}

func (s *sink) object() object                   { return s }
func (*sink) read(*Process, []byte) (int, errno) { return 0, eBADF }
func (*sink) poll(*Process) readiness            { return readiness{write: true} }
func (*sink) filetype() uint8                    { return typeUnknown }
func (*sink) label() string                      { return "pipe:[0]" }

func (s *sink) write(p *Process, b []byte) (n int, e errno) {
	var err error
	if w, may := s.w.(ContextWriter); may {
		p.pause()
		n, err = w.WriteContext(p.dying, b)
		p.resume()
	} else {
		n, err = s.w.Write(b)
	}
	if err != nil && n == 0 {
		return 0, ePIPE
	}
	return n, ok
}

func (s *sink) close() {
	if c, may := s.w.(io.Closer); may {
		_ = c.Close()
	}
}
