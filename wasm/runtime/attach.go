package runtime

import (
	"context"
	"fmt"
	"io"
	"net/netip"

	"kubergarten/engine/cri"
	"kubergarten/engine/network"
)

// Attach implements cri.Runtime.
func (r *Runtime) Attach(ctx context.Context, id string, s cri.Streams) error {
	c, err := r.runningContainer(id)
	if err != nil {
		return fmt.Errorf("failed to attach container: %w", err)
	}
	for stream, w := range map[string]io.Writer{"stdout": s.Stdout, "stderr": s.Stderr} {
		if w != nil {
			to := newRelay(w)
			defer to.finish(ctx)
			defer c.output.attach(to, stream)()
		}
	}
	if s.Stdin != nil {
		go c.typed(s.Stdin) // ends when the client's stream does
	}
	if c.tty != nil {
		go resize(c.tty, s.Resize, c.gone)
	}
	select {
	case <-c.gone:
	case <-ctx.Done():
	}
	return nil
}

// typed passes on what a client types.
func (c *container) typed(from io.Reader) {
	switch {
	case c.tty != nil:
		_, _ = io.Copy(c.tty, from)
	case c.stdin != nil:
		_, _ = io.Copy(c.stdin, from)
		if c.cfg.GetStdinOnce() {
			_ = c.stdin.Close()
		}
	}
}

// PortForward implements cri.Runtime.
func (r *Runtime) PortForward(ctx context.Context, id string, port int32, stream io.ReadWriteCloser) error {
	s, ok := r.sandbox(id)
	if !ok {
		return fmt.Errorf("failed to find sandbox %q in store: %w", id, cri.ErrNotFound)
	}
	if port <= 0 || port > 65535 {
		return fmt.Errorf("failed to execute portforward: invalid port %d", port)
	}
	to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
	conn, err := s.net.Dial(ctx, "tcp", to)
	if err != nil {
		ns := "/var/run/netns/" + s.id
		return fmt.Errorf("failed to execute portforward in network namespace %q: failed to connect to localhost:%d inside namespace %q: %w", ns, port, ns, err)
	}
	network.Join(ctx, stream, conn)
	return nil
}
