package prober

import (
	"context"
	"net"
	"net/netip"
)

// A Dialer reaches pods: the node's network namespace.
type Dialer interface {
	Dial(ctx context.Context, network string, addr netip.AddrPort) (net.Conn, error)
}
