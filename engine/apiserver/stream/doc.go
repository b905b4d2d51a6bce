// Package stream joins clients to containers: kubectl exec, attach and
// port-forward, over WebSocket and over SPDY.
//
// Upstream: k8s.io/apiserver pkg/util/proxy, and k8s.io/cri-streaming, which
// does the SPDY part here.
//
// How it works. kubectl opens a WebSocket with subprotocol v5.channel.k8s.io:
// channel 0 is stdin, 1 stdout, 2 stderr, 3 how it ended, 4 the terminal's size;
// a message on 255 closes stdin (websocket.go). Older clients speak v4 over
// WebSocket or SPDY/3.1 (exec.go). How a command ended is a Status whose cause
// ExitCode carries the exit code (status.go). Port-forward is SPDY, for which a
// WebSocket may be the pipe: its binary messages are the bytes (tunnel.go).
//
// What we leave out: the legacy WebSocket protocol of port-forward keeps what
// cri-streaming does with it.
package stream
