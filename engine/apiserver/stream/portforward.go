package stream

import (
	"context"
	"fmt"
	"io"
	"net/http"

	criforward "k8s.io/cri-streaming/pkg/streaming/portforward"
)

// A Forward joins a stream to a port of the pod.
type Forward func(ctx context.Context, port int32, stream io.ReadWriteCloser) error

// ServePortForward forwards ports for the client that sent r: SPDY, or SPDY
// through a WebSocket.
func ServePortForward(w http.ResponseWriter, r *http.Request, forward Forward) {
	if protocols := tunneled(r); len(protocols) > 0 {
		serveTunnel(w, r, protocols, forward)
		return
	}
	opts, err := criforward.NewV4Options(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	serveSPDY(w, r, opts, forward)
}

func serveSPDY(w http.ResponseWriter, r *http.Request, opts *criforward.V4Options, forward Forward) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel() // the connection is gone, and with it all it forwarded
	criforward.ServePortForward(w, r, forwarder{ctx, forward}, "", "", opts, idleTimeout, creationTimeout, criforward.SupportedProtocols)
}

// forwarder is a Forward as cri-streaming knows it, which has no context and no
// care for panics of its own.
type forwarder struct {
	ctx     context.Context
	forward Forward
}

// PortForward implements portforward.PortForwarder.
func (f forwarder) PortForward(_ context.Context, _, _ string, port int32, stream io.ReadWriteCloser) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("forwarding port %d panicked: %v", port, p)
		}
	}()
	return f.forward(f.ctx, port, stream)
}
