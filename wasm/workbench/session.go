package workbench

import (
	"context"
	"fmt"
	"io"
	"sync"

	"k8s.io/client-go/tools/remotecommand"

	"kubergarten/engine/cri"
)

// A Session is a shell on a terminal: Read is what it shows, Write what is
// typed. Read says io.EOF when the shell has ended.
type Session struct {
	in    *io.PipeWriter
	out   *io.PipeReader
	sizes chan remotecommand.TerminalSize
	mu    sync.Mutex // of who sends sizes
	stop  context.CancelFunc
	done  chan struct{}
	code  int
}

var _ io.ReadWriteCloser = (*Session)(nil)

// Open starts a shell of the learner id, with that kubectl: the newest one is
// that of all their shells. It waits until the cluster has a network, or ctx
// ends; the session lives on after that.
func (w *Workbench) Open(ctx context.Context, id string, kubectl Kubectl, cols, rows uint16) (*Session, error) {
	b, err := w.bench(id)
	if err != nil {
		return nil, err
	}
	if err := w.join(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(w.ctx, cancel)()
	b.kubectl.Store(&kubectl)
	container, err := b.container(ctx)
	if err != nil {
		w.wg.Done()
		return nil, fmt.Errorf("open a shell: %w", err)
	}
	s, streams := newSession(cols, rows)
	var life context.Context
	life, s.stop = context.WithCancel(w.ctx)
	go func() {
		defer w.wg.Done()
		s.run(life, w, container, streams)
	}()
	return s, nil
}

func newSession(cols, rows uint16) (*Session, cri.Streams) {
	s := &Session{sizes: make(chan remotecommand.TerminalSize, 1), done: make(chan struct{})}
	var streams cri.Streams
	var in *io.PipeReader
	var out *io.PipeWriter
	in, s.in = io.Pipe()
	s.out, out = io.Pipe()
	streams.Stdin, streams.Stdout, streams.TTY, streams.Resize = in, out, true, s.sizes
	s.Resize(cols, rows)
	return s, streams
}

// run is the life of a session.
func (s *Session) run(ctx context.Context, w *Workbench, container string, streams cri.Streams) {
	defer close(s.done)
	defer s.stop()
	code, err := w.runtime.Exec(ctx, container, []string{"sh", "-i"}, streams)
	if err != nil && ctx.Err() == nil {
		w.cfg.Log.Error("a shell failed", "err", err)
	}
	s.code = int(code)
	_ = streams.Stdin.(*io.PipeReader).Close()
	_ = streams.Stdout.(*io.PipeWriter).Close()
}

// Read reads what the terminal shows.
func (s *Session) Read(p []byte) (int, error) { return s.out.Read(p) }

// Write types p.
func (s *Session) Write(p []byte) (int, error) { return s.in.Write(p) }

// Resize changes the size of the terminal.
func (s *Session) Resize(cols, rows uint16) {
	if cols == 0 || rows == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.sizes: // an older one that nobody has taken
	default:
	}
	s.sizes <- remotecommand.TerminalSize{Width: cols, Height: rows}
}

// Done is closed when the shell has ended.
func (s *Session) Done() <-chan struct{} { return s.done }

// ExitCode is the shell's, once Done is closed.
func (s *Session) ExitCode() int {
	<-s.done
	return s.code
}

// Close ends the shell and all that it has started, and waits for the shell.
func (s *Session) Close() error {
	s.stop()
	_ = s.out.Close()
	<-s.done
	return nil
}
