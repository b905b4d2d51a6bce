package main

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"k8s.io/client-go/tools/remotecommand"
)

// A tunnel is a connection whose far end is a command in a container.
type tunnel struct {
	net.Conn
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // why the command ended; read after ended
}

// newTunnel runs the command until the tunnel is closed.
func newTunnel(run remotecommand.Executor) *tunnel {
	near, far := net.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	t := &tunnel{Conn: near, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer far.Close()
		defer close(t.ended)
		t.err = converse(ctx, run, far)
	}()
	return t
}

// converse returns what the command says of its failure.
func converse(ctx context.Context, run remotecommand.Executor, far net.Conn) error {
	said := &first{n: maxProbe}
	err := run.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: far, Stdout: far, Stderr: said})
	if words := strings.TrimSpace(said.String()); err != nil && words != "" {
		return errors.New(words)
	}
	return err
}

// Read implements net.Conn. After the last byte comes the command's failure.
func (t *tunnel) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	if errors.Is(err, io.EOF) {
		<-t.ended
		if t.err != nil {
			err = t.err
		}
	}
	return n, err
}

// Close implements net.Conn.
func (t *tunnel) Close() error {
	t.cancel()
	return t.Conn.Close()
}
