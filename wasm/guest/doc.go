// Package guest holds the programs that run in pods: busybox, nginx, pause
// and the like, as WASI preview 1 modules.
//
// Upstream: each program says in its own doc.go whose behaviour it follows.
//
// How it works. Guests are plain Go programs, built by `make guests` with the
// plain Go toolchain for GOOS=wasip1. What preview 1 has no words for
// (sockets, pipes, child processes, signals, file modes) they get from an
// overlay of Go's standard library (directory goroot, applied by package
// build) that speaks the ABI of wasm/host/ABI.md; so net/http, os/exec and
// os/signal work unmodified. The built modules lie gzipped in bin and are
// embedded here.
//
// What we leave out. Unix sockets, raw sockets, IPv6 and multicast inside
// guests; cgo; plugins.
package guest
