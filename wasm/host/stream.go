package host

import (
	"context"
	"io"
)

// A Stream can be a process's standard stream: Null, a Writer, an end of a
// Pipe, or a TTY. A process owns the streams of its Config and closes them.
type Stream interface{ stream() }

// Null returns a stream at its end, that swallows what is written.
func Null() Stream { return nil }

// Writer returns a stream that is written to w. If w has a method
// WriteContext(context.Context, []byte) (int, error) it is called instead, with
// a context that ends when the process is killed, so it may block.
func Writer(w io.Writer) Stream { return nil }

// ContextWriter is a writer that may block until ctx ends.
type ContextWriter interface {
	WriteContext(ctx context.Context, p []byte) (int, error)
}

// A PipeReader is the read end of a pipe.
type PipeReader struct{}

// A PipeWriter is the write end of a pipe.
type PipeWriter struct{}

// Pipe returns the two ends of a pipe. Either can be given to a process as a
// stream, or be used by the host.
func Pipe() (*PipeReader, *PipeWriter) { return nil, nil }

func (r *PipeReader) stream() {}
func (w *PipeWriter) stream() {}

// Read waits for bytes; it returns io.EOF when all writers are closed.
func (r *PipeReader) Read(b []byte) (int, error) { return 0, nil }

// Close closes the read end.
func (r *PipeReader) Close() error { return nil }

// Write waits for room; it returns io.ErrClosedPipe when all readers are closed.
func (w *PipeWriter) Write(b []byte) (int, error) { return 0, nil }

// Close closes the write end.
func (w *PipeWriter) Close() error { return nil }
