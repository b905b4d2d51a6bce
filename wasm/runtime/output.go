package runtime

import (
	"bytes"
	"context"
	"io"
	"path"
	"sync"

	"kubergarten/engine/clock"
	"kubergarten/wasm/host"
)

// output is where the main process's standard streams go: to the log, and to
// those who are attached.
type output struct {
	clock  clock.Clock
	log    *logFile // nil: there is none
	bucket *bucket

	mu       sync.Mutex
	streams  map[string]*lines
	attached map[*relay]string // to which stream
	closed   bool
}

func (r *Runtime) newOutput(c *container) (*output, error) {
	o := &output{
		clock: r.cfg.Clock, bucket: newBucket(r.cfg.Clock, r.cfg.LogRate),
		streams: map[string]*lines{}, attached: map[*relay]string{},
	}
	dir, name := c.sandbox.cfg.GetLogDirectory(), c.cfg.GetLogPath()
	if dir == "" || name == "" {
		return o, nil
	}
	var err error
	o.log, err = openLog(r.cfg.Root, path.Join(dir, name), r.cfg.Clock, r.cfg.LogSize)
	return o, err
}

// stream returns the writer of one standard stream.
func (o *output) stream(name string) *outputStream {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.streams[name] == nil {
		o.streams[name] = &lines{stream: name}
	}
	return &outputStream{o, name}
}

// outputStream is one standard stream of a container.
type outputStream struct {
	output *output
	name   string
}

var _ host.ContextWriter = (*outputStream)(nil)

// Write implements io.Writer.
func (s *outputStream) Write(p []byte) (int, error) { return s.WriteContext(context.Background(), p) }

// WriteContext implements host.ContextWriter. It waits when too much is written.
func (s *outputStream) WriteContext(ctx context.Context, p []byte) (n int, err error) {
	for n < len(p) {
		part := p[n:min(n+maxLine, len(p))]
		if s.output.log != nil {
			if err := s.output.bucket.take(ctx, cost(part)); err != nil {
				return n, err
			}
		}
		if err := s.output.write(ctx, s.name, part); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}

// cost is how much room p will take in the log: each line has a date before it.
func cost(p []byte) int64 {
	const before = len("2026-01-02T12:00:00.000000005Z stdout F ")
	return int64(len(p) + before*bytes.Count(p, []byte{'\n'}))
}

func (o *output) write(ctx context.Context, stream string, p []byte) error {
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return io.ErrClosedPipe
	}
	err := o.log.write(o.streams[stream].format(o.clock.Now(), p))
	var to []*relay
	for r, name := range o.attached {
		if name == stream {
			to = append(to, r)
		}
	}
	o.mu.Unlock()
	for _, r := range to { // who reads no more is no reason to stop
		_, _ = r.WriteContext(ctx, p)
	}
	return err
}

// attach copies a stream to r as well, from now on, until detach is called.
func (o *output) attach(r *relay, stream string) (detach func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.attached[r] = stream
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.attached, r)
	}
}

// drain writes what a terminal shows until it is closed.
func (o *output) drain(t *host.TTY) {
	_, _ = io.Copy(o.stream("stdout"), t)
}

// close writes what is left of the last lines, and closes the log.
func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.closed = true
	for _, l := range o.streams {
		_ = o.log.write(l.flush(o.clock.Now()))
	}
	o.log.close()
}
