package coredns

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// web serves h at addr, as ":8080", in the pod's network until ctx is done.
func (in *instance) web(ctx context.Context, addr string, h http.Handler) error {
	at, err := parseAddr(addr)
	if err != nil {
		return err
	}
	l, err := in.Net.Listen(at)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, IdleTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { srv.Close() })()
	return ignore(srv.Serve(l), http.ErrServerClosed)
}

// parseAddr reads "host:port"; without a host it is any address.
func parseAddr(s string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return netip.AddrPort{}, err
	}
	switch host {
	case "":
		host = "::"
	case "localhost":
		host = "127.0.0.1"
	}
	at, err := netip.ParseAddrPort(net.JoinHostPort(host, port))
	if err != nil {
		return at, fmt.Errorf("listen tcp: address %s: %w", s, err)
	}
	return at, nil
}
