// Command whoami is traefik/whoami: a server that tells who answers and what
// was asked.
//
// Upstream: github.com/traefik/whoami
//
// How it works. `/` prints host name, addresses and the request as it came,
// `/api` the same as JSON, `/bench` a 1, `/data?size=` that many bytes,
// `/health` a status that POST changes.
//
// What we leave out. TLS flags, gRPC and the WebSocket of `/echo`.
package main
