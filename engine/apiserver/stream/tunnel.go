package stream

// Upstream: k8s.io/apiserver pkg/util/proxy/streamtunnel.go

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/coder/websocket"
	criforward "k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
)

// tunnelPrefix begins the WebSocket subprotocols that carry SPDY.
const tunnelPrefix = "SPDY/3.1+"

// tunneled returns the SPDY protocols that the client wants to tunnel.
func tunneled(r *http.Request) []string {
	var out []string
	for _, h := range r.Header.Values("Sec-WebSocket-Protocol") {
		for p := range strings.SplitSeq(h, ",") {
			if inner, ok := strings.CutPrefix(strings.TrimSpace(p), tunnelPrefix); ok && strings.HasSuffix(inner, ".k8s.io") {
				out = append(out, inner)
			}
		}
	}
	return out
}

// serveTunnel opens the WebSocket and lets the SPDY server believe that it
// hijacked a connection, which it reads and writes in binary messages.
func serveTunnel(w http.ResponseWriter, r *http.Request, protocols []string, forward Forward) {
	if !offers(protocols) {
		http.Error(w, "unable to upgrade: no tunneling spdy protocols provided", http.StatusBadRequest)
		return
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:       []string{tunnelPrefix + criforward.ProtocolV1Name},
		InsecureSkipVerify: true, // of Origin: requests carry credentials, never cookies
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		return // Accept has answered
	}
	ws.SetReadLimit(-1)
	conn := websocket.NetConn(r.Context(), ws, websocket.MessageBinary)
	defer conn.Close()
	serveSPDY(&tunnelWriter{header: http.Header{}, conn: conn}, spdyRequest(r), nil, forward)
}

func offers(protocols []string) bool {
	for _, p := range protocols {
		if p == criforward.ProtocolV1Name {
			return true
		}
	}
	return false
}

// spdyRequest is r as the SPDY server expects it.
func spdyRequest(r *http.Request) *http.Request {
	c := r.Clone(r.Context())
	for name := range c.Header {
		if strings.HasPrefix(name, "Sec-Websocket-") {
			c.Header.Del(name)
		}
	}
	c.Method = http.MethodPost
	c.Header.Set(httpstream.HeaderConnection, httpstream.HeaderUpgrade)
	c.Header.Set(httpstream.HeaderUpgrade, spdy.HeaderSpdy31)
	c.Header.Set(httpstream.HeaderProtocolVersion, criforward.ProtocolV1Name)
	return c
}

// tunnelWriter is a response whose headers are already on their way, and whose
// connection is the tunnel.
type tunnelWriter struct {
	header http.Header
	conn   net.Conn
}

var errTunnel = errors.New("the tunnel carries SPDY only")

// Header implements http.ResponseWriter.
func (t *tunnelWriter) Header() http.Header { return t.header }

// WriteHeader implements http.ResponseWriter.
func (t *tunnelWriter) WriteHeader(int) {}

// Write implements http.ResponseWriter.
func (t *tunnelWriter) Write([]byte) (int, error) { return 0, errTunnel }

// Hijack implements http.Hijacker.
func (t *tunnelWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return t.conn, bufio.NewReadWriter(bufio.NewReader(t.conn), bufio.NewWriter(t.conn)), nil
}
