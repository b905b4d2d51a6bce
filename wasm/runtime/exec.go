package runtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"k8s.io/client-go/tools/remotecommand"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
	"kubergarten/wasm/host"
)

// Upstream: containerd internal/cri/server/container_execsync.go.

// maxSync is how much output of ExecSync is kept.
const maxSync = 16 << 20

// ExecSync implements cri.Runtime.
func (r *Runtime) ExecSync(ctx context.Context, id string, cmd []string, timeout time.Duration) (stdout, stderr []byte, code int32, err error) {
	limited, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if timeout > 0 {
		t := r.cfg.Clock.AfterFunc(timeout, func() { cancel(context.DeadlineExceeded) })
		defer t.Stop()
	}
	var out, errs capped
	code, err = r.Exec(limited, id, cmd, cri.Streams{Stdout: &out, Stderr: &errs})
	if errors.Is(context.Cause(limited), context.DeadlineExceeded) {
		err = fmt.Errorf("failed to exec in container: timeout %v exceeded: %w", timeout, context.DeadlineExceeded)
	}
	return out.Bytes(), errs.Bytes(), code, err
}

// capped keeps the first maxSync bytes.
type capped struct{ bytes.Buffer }

// Write implements io.Writer.
func (c *capped) Write(p []byte) (int, error) {
	_, _ = c.Buffer.Write(p[:min(len(p), maxSync-c.Len())])
	return len(p), nil
}

// Exec implements cri.Runtime.
func (r *Runtime) Exec(ctx context.Context, id string, cmd []string, s cri.Streams) (int32, error) {
	c, err := r.runningContainer(id)
	if err != nil {
		return 0, fmt.Errorf("failed to exec in container: %w", err)
	}
	if len(cmd) == 0 {
		return 0, errors.New("failed to exec in container: no command specified")
	}
	env := c.env
	if s.TTY && !c.cfg.GetTty() {
		env = append(env[:len(env):len(env)], "TERM=xterm")
	}
	cfg, err := r.process(c, cmd, env)
	if err != nil {
		return 0, execFailed(err)
	}
	defer c.settle()
	alive, kill := context.WithCancel(c.ctx)
	defer kill()
	defer context.AfterFunc(ctx, kill)()
	if s.TTY {
		return r.execTTY(ctx, alive, cfg, s)
	}
	return r.execPlain(ctx, alive, cfg, s)
}

// settle waits, if the container has been killed, until the ledger knows: who
// has seen a process die with its container finds the container ended, and not
// one that still runs and kills whatever is exec'd in it.
func (c *container) settle() {
	if c.ctx.Err() != nil {
		<-c.gone // all is killed: not for long
	}
}

func execFailed(err error) error {
	return fmt.Errorf("failed to exec in container: failed to start exec %q: OCI runtime exec failed: exec failed: unable to start container process: %w", cri.NewID(), err)
}

// runningContainer finds a container that can be exec'd in or attached to.
func (r *Runtime) runningContainer(id string) (*container, error) {
	c, ok := r.container(id)
	if !ok {
		return nil, fmt.Errorf("failed to find container %q in store: %w", id, cri.ErrNotFound)
	}
	status, _, _, err := r.ledger.Container(id)
	if err != nil {
		return nil, err
	}
	if status.State != v1.ContainerState_CONTAINER_RUNNING {
		return nil, fmt.Errorf("container is in %s state", status.State)
	}
	return c, nil
}

// execPlain runs a process on three streams; alive is its life, ctx its
// client's.
func (r *Runtime) execPlain(ctx, alive context.Context, cfg host.Config, s cri.Streams) (int32, error) {
	out, errs := newRelay(s.Stdout), newRelay(s.Stderr)
	cfg.Stdout, cfg.Stderr = host.Writer(plain{out}), host.Writer(plain{errs})
	if s.Stdin != nil {
		in, w := host.Pipe()
		cfg.Stdin = in
		go feed(w, s.Stdin) // ends when the client's stream does
	}
	p, err := host.Start(alive, cfg)
	if err == nil {
		<-p.Done()
	}
	out.finish(ctx)
	errs.finish(ctx)
	if err != nil {
		return 0, execFailed(err)
	}
	return r.exited(ctx, p)
}

// plain is a relay that the host does not close.
type plain struct{ *relay }

// feed copies what a client types.
func feed(w io.WriteCloser, from io.Reader) {
	_, _ = io.Copy(w, from)
	_ = w.Close()
}

// execTTY runs a process on a terminal.
func (r *Runtime) execTTY(ctx, alive context.Context, cfg host.Config, s cri.Streams) (int32, error) {
	tty := host.NewTTY(80, 24)
	cfg.TTY, cfg.Stdin, cfg.Stdout, cfg.Stderr = tty, tty, tty, tty
	out := newRelay(s.Stdout)
	p, err := host.Start(alive, cfg)
	if err != nil {
		_ = tty.Close()
		out.finish(ctx)
		return 0, execFailed(err)
	}
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		_, _ = io.Copy(out, tty)
	}()
	if s.Stdin != nil {
		go func() { _, _ = io.Copy(tty, s.Stdin) }() // ends when the client's stream does
	}
	go resize(tty, s.Resize, p.Done())
	<-p.Done()
	_ = tty.Close()
	<-shown
	out.finish(ctx)
	return r.exited(ctx, p)
}

// resize passes the terminal's sizes on.
func resize(t *host.TTY, sizes <-chan remotecommand.TerminalSize, done <-chan struct{}) {
	for {
		select {
		case s, ok := <-sizes:
			if !ok {
				return
			}
			t.Resize(s.Width, s.Height)
		case <-done:
			return
		}
	}
}

// exited is the end of an exec: an error only if the client went away.
func (r *Runtime) exited(ctx context.Context, p *host.Process) (int32, error) {
	if ctx.Err() != nil {
		return int32(p.Exit().Code), fmt.Errorf("failed to exec in container: %w", ctx.Err())
	}
	return int32(p.Exit().Code), nil
}
