package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"k8s.io/client-go/rest"
)

// guard lets the process's HTTP clients reach nothing but the API server.
// kustomize and others that fetch use the default transport.
func (c confinement) guard() {
	http.DefaultTransport = &http.Transport{DialContext: c.dial}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(_ context.Context, network, address string) (net.Conn, error) {
		return nil, refuseDial(network, address)
	}}
}

// wrap puts the guarded dialer into the configuration of a client.
func (c confinement) wrap(cfg *rest.Config) *rest.Config {
	cfg.Dial = c.dial
	cfg.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil }
	return cfg
}

// dial dials the API server and nothing else.
func (c confinement) dial(ctx context.Context, network, address string) (net.Conn, error) {
	u, err := url.Parse(c.Server)
	if err != nil || address != u.Host || network != "tcp" {
		return nil, refuseDial(network, address)
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

func refuseDial(network, address string) error {
	return fmt.Errorf("dial %s %s: kubectl in the terminal talks to the API server alone", network, address)
}

// checkServer refuses the URL of any server but the API server.
func (c confinement) checkServer(server string) error {
	want, err := url.Parse(c.Server)
	if err != nil {
		return err
	}
	got, err := url.Parse(server)
	if err != nil || got.Scheme != want.Scheme || got.Host != want.Host || got.User != nil {
		return fmt.Errorf("server %q is not %s: kubectl in the terminal talks to the API server alone", server, c.Server)
	}
	return nil
}
