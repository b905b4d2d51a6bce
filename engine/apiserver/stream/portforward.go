package stream

import (
	"context"
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
	criforward.ServePortForward(w, r, forwarder{forward}, "", "", opts, idleTimeout, creationTimeout, criforward.SupportedProtocols)
}

// forwarder is a Forward as cri-streaming knows it.
type forwarder struct{ forward Forward }

// PortForward implements portforward.PortForwarder.
func (f forwarder) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	return f.forward(ctx, port, stream)
}
