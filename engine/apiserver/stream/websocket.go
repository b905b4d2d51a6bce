package stream

// Upstream: k8s.io/apiserver pkg/util/proxy/websocket.go

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"k8s.io/client-go/tools/remotecommand"
	criremote "k8s.io/cri-streaming/pkg/streaming/remotecommand"
	"k8s.io/streaming/pkg/httpstream/wsstream"
)

// serveWebSocket speaks v5.channel.k8s.io.
func serveWebSocket(w http.ResponseWriter, r *http.Request, opts Options, kind string, cmd Command) {
	conn := wsstream.NewConn(map[string]wsstream.ChannelProtocolConfig{
		criremote.StreamProtocolV5Name: {Binary: true, Channels: channels(opts)},
	})
	conn.SetIdleTimeout(idleTimeout)
	_, streams, err := conn.Open(w, r)
	if err != nil {
		return // Open has answered
	}
	defer conn.Close()
	_, _ = streams[lowest(opts)].Write(nil) // tells the client that the connection stands

	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	sizes := make(chan remotecommand.TerminalSize)
	go func() {
		defer cancel() // the client is gone: net/http does not tell of hijacked connections
		readSizes(ctx, streams[criremote.StreamResize], sizes)
	}()
	var in io.Reader
	var out, errOut io.Writer
	if opts.Stdin {
		in = streams[criremote.StreamStdIn]
	}
	if opts.Stdout {
		out = streams[criremote.StreamStdOut]
	}
	if opts.Stderr {
		errOut = streams[criremote.StreamStdErr]
	}
	err = cmd(ctx, in, out, errOut, opts.TTY, sizes)
	_, _ = streams[criremote.StreamErr].Write(statusOf(err, kind))
}

// channels are those of the client's streams, how it ended, and the size.
func channels(opts Options) []wsstream.ChannelType {
	if_ := func(want bool, t wsstream.ChannelType) wsstream.ChannelType {
		if want {
			return t
		}
		return wsstream.IgnoreChannel
	}
	return []wsstream.ChannelType{
		criremote.StreamStdIn:  if_(opts.Stdin, wsstream.ReadChannel),
		criremote.StreamStdOut: if_(opts.Stdout, wsstream.WriteChannel),
		criremote.StreamStdErr: if_(opts.Stderr, wsstream.WriteChannel),
		criremote.StreamErr:    wsstream.WriteChannel,
		criremote.StreamResize: wsstream.ReadChannel,
	}
}

// lowest is the lowest channel that the server writes.
func lowest(opts Options) int {
	switch {
	case opts.Stdout:
		return criremote.StreamStdOut
	case opts.Stderr:
		return criremote.StreamStdErr
	}
	return criremote.StreamErr
}

// readSizes passes on the sizes of the client's terminal.
func readSizes(ctx context.Context, from io.Reader, to chan<- remotecommand.TerminalSize) {
	defer close(to)
	dec := json.NewDecoder(from)
	for {
		var s remotecommand.TerminalSize
		if dec.Decode(&s) != nil {
			return
		}
		select {
		case to <- s:
		case <-ctx.Done():
			return
		}
	}
}
