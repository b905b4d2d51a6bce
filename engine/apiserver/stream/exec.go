package stream

import (
	"context"
	"io"
	"net/http"
	"time"

	"k8s.io/client-go/tools/remotecommand"
	criremote "k8s.io/cri-streaming/pkg/streaming/remotecommand"
	"k8s.io/streaming/pkg/httpstream/wsstream"
)

// Upstream's patience: with idle connections, and with streams to be opened.
const (
	idleTimeout     = 4 * time.Hour
	creationTimeout = 30 * time.Second
)

// Options say which streams the client wants.
type Options struct {
	Stdin, Stdout, Stderr, TTY bool
}

// A Command runs with the streams of a client; those not wanted are nil.
type Command func(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer, tty bool, resize <-chan remotecommand.TerminalSize) error

// Serve runs cmd, of what kind ("executing command in", "attaching to") its
// errors say, for the client that sent r.
func Serve(w http.ResponseWriter, r *http.Request, opts Options, kind string, cmd Command) {
	if opts.TTY {
		opts.Stderr = false // a terminal has one output
	}
	if wsstream.IsWebSocketRequestWithStreamCloseProtocol(r) {
		serveWebSocket(w, r, opts, kind, cmd)
		return
	}
	// One front of cri-streaming suffices for both: they differ in how errors
	// are worded and in exit codes, which attach never has.
	o := &criremote.Options{Stdin: opts.Stdin, Stdout: opts.Stdout, Stderr: opts.Stderr, TTY: opts.TTY}
	if kind == Attaching {
		criremote.ServeAttach(w, r, runner{cmd}, "", "", "", o, idleTimeout, creationTimeout, criremote.SupportedStreamingProtocols)
		return
	}
	criremote.ServeExec(w, r, runner{cmd}, "", "", "", nil, o, idleTimeout, creationTimeout, criremote.SupportedStreamingProtocols)
}

// The kinds of Serve.
const (
	Executing = "executing command in"
	Attaching = "attaching to"
)

// runner is a Command as cri-streaming knows it.
type runner struct{ cmd Command }

var (
	_ criremote.Executor = runner{}
	_ criremote.Attacher = runner{}
)

// ExecInContainer implements remotecommand.Executor.
func (e runner) ExecInContainer(ctx context.Context, _, _, _ string, _ []string, in io.Reader, out, err io.WriteCloser, tty bool, resize <-chan criremote.TerminalSize, _ time.Duration) error {
	return e.run(ctx, in, out, err, tty, resize)
}

// AttachContainer implements remotecommand.Attacher.
func (e runner) AttachContainer(ctx context.Context, _, _, _ string, in io.Reader, out, err io.WriteCloser, tty bool, resize <-chan criremote.TerminalSize) error {
	return e.run(ctx, in, out, err, tty, resize)
}

func (e runner) run(ctx context.Context, in io.Reader, out, errOut io.WriteCloser, tty bool, resize <-chan criremote.TerminalSize) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var sizes chan remotecommand.TerminalSize
	if resize != nil {
		sizes = make(chan remotecommand.TerminalSize)
		go forward(ctx, resize, sizes)
	}
	return e.cmd(ctx, in, writer(out), writer(errOut), tty, sizes)
}

// forward passes sizes on from one type to the other.
func forward(ctx context.Context, from <-chan criremote.TerminalSize, to chan<- remotecommand.TerminalSize) {
	defer close(to)
	for s := range from {
		select {
		case to <- remotecommand.TerminalSize(s):
		case <-ctx.Done():
			return
		}
	}
}

// writer is w, or nil: never an interface that holds a nil.
func writer(w io.WriteCloser) io.Writer {
	if w == nil {
		return nil
	}
	return w
}
