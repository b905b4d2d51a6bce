package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
)

// Bridge lets connections that the host's listener accepts into the cluster:
// they go on from namespace from to the address to. It is the only way from the
// host's network into this one, and there is none out. It closes host and all
// connections when ctx is done, and returns when they have ended.
func Bridge(ctx context.Context, host net.Listener, from *Namespace, to netip.AddrPort) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	defer context.AfterFunc(ctx, func() { host.Close() })()
	for {
		outer, err := host.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("bridge %s to %s: %w", host.Addr(), to, err)
		}
		wg.Go(func() { bridge(ctx, outer, from, to) })
	}
}

func bridge(ctx context.Context, outer net.Conn, from *Namespace, to netip.AddrPort) {
	defer outer.Close()
	inner, err := from.Dial(ctx, "tcp", to)
	if err != nil {
		return
	}
	Join(ctx, outer, inner)
}

// Join copies between a and b, either way, until both have ended or ctx is
// done, and closes them.
func Join(ctx context.Context, a, b io.ReadWriteCloser) {
	both := func() { a.Close(); b.Close() }
	defer both()
	defer context.AfterFunc(ctx, both)()
	var wg sync.WaitGroup
	wg.Go(func() { pour(a, b) })
	wg.Go(func() { pour(b, a) })
	wg.Wait()
}

// pour copies from src to dst; an end of file is passed on as such, and
// anything else ends both.
func pour(dst, src io.ReadWriteCloser) {
	_, err := io.Copy(dst, src)
	half, ok := dst.(interface{ CloseWrite() error })
	if err == nil && ok {
		err = half.CloseWrite()
	}
	if err != nil || !ok {
		err = errors.Join(dst.Close(), src.Close())
	}
	_ = err // closed twice is closed
}
