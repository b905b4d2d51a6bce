package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"kubergarten/wasm/guest/httpwire"
)

// pass hands the request to an upstream and its answer back. Of a group, the
// next server is tried if one does not take the connection.
func (x *exchange) pass() {
	p := x.loc.proxy
	uri := x.r.Target
	if p.has {
		uri = p.path + strings.TrimPrefix(x.uri, x.loc.path) + x.variable("is_args") + x.r.Query
	}
	body, ok := x.requestBody()
	if !ok {
		return
	}
	for _, host := range x.upstreams(p.host) {
		x.upstream = host
		conn, err := net.DialTimeout("tcp", host, x.loc.connect)
		if err != nil {
			x.passFailed(host, uri, "while connecting to upstream", "connect() failed", err)
			continue
		}
		x.forward(conn, host, uri, body)
		return
	}
	if x.status == 0 && x.w.Code == 0 {
		x.fail(x.upstreamError())
	}
}

// upstreams lists the servers to try, the one whose turn it is first.
func (x *exchange) upstreams(host string) []string {
	u := x.c.upstreams[host]
	if u == nil {
		return []string{withPort(x.expand(host))}
	}
	x.n.mu.Lock()
	at := u.next
	u.next = (u.next + 1) % len(u.servers)
	x.n.mu.Unlock()
	return append(append([]string{}, u.servers[at:]...), u.servers[:at]...)
}

// requestBody reads the body as far as client_max_body_size allows.
func (x *exchange) requestBody() ([]byte, bool) {
	limit := x.loc.maxBody
	r := x.r.Body
	if limit > 0 {
		r = io.LimitReader(r, limit+1)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		x.fail(400)
		return nil, false
	}
	if limit > 0 && int64(len(body)) > limit {
		x.log("error", "client intended to send too large body: %s bytes", x.r.Header.Get("Content-Length"))
		x.w.CloseAfter()
		x.fail(413)
		return nil, false
	}
	return body, true
}

func (x *exchange) upstreamError() int {
	if x.upstreamStatus == "504" {
		return 504
	}
	return 502
}

func (x *exchange) passFailed(host, uri, when, what string, err error) {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		x.upstreamStatus = "504"
		x.log("error", "upstream timed out (110: Connection timed out) %s", when)
		return
	}
	x.upstreamStatus = "502"
	n, text := errnoOf(err)
	client, _, _ := net.SplitHostPort(x.r.Remote)
	name := x.variable("server_name")
	x.n.log("error", "*%d %s (%d: %s) %s, client: %s, server: %s, request: \"%s %s %s\", upstream: \"http://%s%s\", host: \"%s\"",
		x.id, what, n, text, when, client, name, x.r.Method, x.r.Target, x.r.Proto, host, uri, x.r.Header.Get("Host"))
}

// forward sends the request and copies the answer.
func (x *exchange) forward(conn net.Conn, host, uri string, body []byte) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(x.loc.read))
	io.WriteString(conn, x.head(uri, len(body)))
	conn.Write(body)
	resp, err := httpwire.ReadResponse(bufio.NewReaderSize(conn, 4096), x.r.Method)
	if err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			x.log("error", "upstream prematurely closed connection while reading response header from upstream")
			x.upstreamStatus = "502"
		} else {
			x.passFailed(host, uri, "while reading response header from upstream", "recv() failed", err)
		}
		x.fail(x.upstreamError())
		return
	}
	x.upstreamStatus = resp.Status[:3]
	for _, h := range resp.Header {
		switch strings.ToLower(h.Name) {
		case "server", "date", "connection", "keep-alive", "transfer-encoding", "content-length", "content-type", "x-accel-redirect":
		case "location":
			x.w.Header.Add("Location", x.redirected(h.Value, host))
		default:
			x.w.Header.Add(h.Name, h.Value)
		}
	}
	length := resp.Length
	if resp.Code == 204 || resp.Code == 304 {
		length = 0
	}
	x.begin(resp.Code, resp.Header.Get("Content-Type"), length)
	x.copy(conn, resp.Body)
}

// redirected is proxy_redirect default: the upstream's own address becomes ours.
func (x *exchange) redirected(location, host string) string {
	p := x.loc.proxy
	for _, prefix := range []string{"http://" + host, "http://" + strings.TrimSuffix(p.host, ":80")} {
		if rest, ok := strings.CutPrefix(location, prefix+p.path); ok && p.has {
			return "http://" + x.authority() + x.loc.path + rest
		}
	}
	return location
}

func (x *exchange) copy(conn net.Conn, body io.Reader) {
	buf := make([]byte, 8<<10)
	for {
		conn.SetDeadline(time.Now().Add(x.loc.read))
		n, err := body.Read(buf)
		if _, werr := x.w.Write(buf[:n]); werr != nil {
			return
		}
		x.w.Flush()
		if err == io.EOF {
			return
		}
		if err != nil {
			x.w.CloseAfter()
			return
		}
	}
}

// head is the request as the upstream gets it.
func (x *exchange) head(uri string, length int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/%s\r\n", x.r.Method, uri, x.loc.version)
	set := append([][2]string{{"Host", "$proxy_host"}, {"Connection", "close"}}, x.loc.setHdr...)
	given := map[string]string{}
	for _, s := range set {
		given[strings.ToLower(s[0])] = x.expand(s[1])
	}
	done := map[string]bool{}
	for _, s := range set {
		name := strings.ToLower(s[0])
		if !done[name] && given[name] != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", s[0], given[name])
		}
		done[name] = true
	}
	if length > 0 || x.r.Method == "POST" || x.r.Method == "PUT" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", length)
	}
	for _, h := range x.r.Header {
		switch name := strings.ToLower(h.Name); name {
		case "host", "connection", "keep-alive", "content-length", "transfer-encoding", "upgrade", "expect":
		default:
			if !done[name] {
				fmt.Fprintf(&b, "%s: %s\r\n", h.Name, h.Value)
			}
		}
	}
	b.WriteString("\r\n")
	return b.String()
}
