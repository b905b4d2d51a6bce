package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"k8s.io/client-go/tools/remotecommand"
)

// command is an Executor that runs a func.
type command func(ctx context.Context, o remotecommand.StreamOptions) error

func (c command) Stream(o remotecommand.StreamOptions) error { return c(context.Background(), o) }

func (c command) StreamWithContext(ctx context.Context, o remotecommand.StreamOptions) error {
	return c(ctx, o)
}

func TestATunnelSpeaksToItsCommand(t *testing.T) {
	tun := newTunnel(command(func(_ context.Context, o remotecommand.StreamOptions) error {
		req, err := http.ReadRequest(bufio.NewReader(o.Stdin))
		if err == nil {
			_, err = io.WriteString(o.Stdout, "HTTP/1.0 200 OK\r\n\r\n"+req.Host)
		}
		return err
	}))
	defer tun.Close()
	if _, err := io.WriteString(tun, "GET / HTTP/1.0\r\nHost: web\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(tun)
	if err != nil || !strings.HasSuffix(string(got), "\r\n\r\nweb") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestATunnelSaysWhyItsCommandFailed(t *testing.T) {
	tun := newTunnel(command(func(_ context.Context, o remotecommand.StreamOptions) error {
		_, _ = io.WriteString(o.Stderr, "nc: web (10.96.0.9:80): Connection refused\n")
		return errors.New("command terminated with exit code 1")
	}))
	defer tun.Close()
	_, err := io.ReadAll(tun)
	if err == nil || err.Error() != "nc: web (10.96.0.9:80): Connection refused" {
		t.Errorf("got %v", err)
	}
}

func TestAClosedTunnelEndsItsCommand(t *testing.T) {
	ended := make(chan struct{})
	tun := newTunnel(command(func(ctx context.Context, _ remotecommand.StreamOptions) error {
		defer close(ended)
		<-ctx.Done()
		return ctx.Err()
	}))
	if err := tun.Close(); err != nil {
		t.Error(err)
	}
	<-ended
}
