package prober

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"kubergarten/engine/clock"
)

// A Dialer reaches pods: the node's network namespace.
type Dialer interface {
	Dial(ctx context.Context, network string, addr netip.AddrPort) (net.Conn, error)
}

// Within returns a context that ends, with context.DeadlineExceeded as its
// cause, after d of the clock's time.
func Within(ctx context.Context, clk clock.Clock, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	t := clk.AfterFunc(d, func() { cancel(context.DeadlineExceeded) })
	return ctx, func() { t.Stop(); cancel(nil) }
}

// timedOut reports whether the time that Within gave has passed.
func timedOut(ctx context.Context) bool {
	return errors.Is(context.Cause(ctx), context.DeadlineExceeded)
}

// Dial connects to "host:port" by TCP, within timeout of the clock's time.
func Dial(ctx context.Context, n Dialer, clk clock.Clock, addr string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := Within(ctx, clk, timeout)
	defer cancel()
	return dial(ctx, n, addr)
}

func dial(ctx context.Context, n Dialer, addr string) (net.Conn, error) {
	to, err := resolve(addr)
	if err != nil {
		return nil, err
	}
	if n == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: errors.New("network is unreachable")}
	}
	conn, err := n.Dial(ctx, "tcp", to)
	if err != nil && timedOut(ctx) {
		err = &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: os.ErrDeadlineExceeded}
	}
	return conn, err
}
