package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"kubergarten/wasm/guest/httpwire"
)

// An app is the state of the server.
type app struct {
	name       string
	health     int32
	interfaces func() []string
}

const plain = "text/plain; charset=utf-8"

func (a *app) handle(w *httpwire.Writer, r *httpwire.Request) {
	w.Header.Add("Date", httpwire.Date(time.Now()))
	switch r.Path {
	case "/data":
		a.data(w, r)
	case "/bench":
		w.Answer(200, plain, "1")
	case "/api":
		w.Answer(200, "application/json", a.json(r))
	case "/health":
		a.healthz(w, r)
	case "/echo":
		w.Answer(501, plain, "WebSocket is not implemented\n")
	default:
		if d, err := time.ParseDuration(r.QueryValue("wait")); err == nil {
			time.Sleep(d)
		}
		w.Answer(200, plain, a.text(r))
	}
}

// text is what `/` answers.
func (a *app) text(r *httpwire.Request) string {
	var b strings.Builder
	if a.name != "" {
		fmt.Fprintln(&b, "Name:", a.name)
	}
	host, _ := os.Hostname()
	fmt.Fprintln(&b, "Hostname:", host)
	for _, ip := range a.interfaces() {
		fmt.Fprintln(&b, "IP:", ip)
	}
	fmt.Fprintln(&b, "RemoteAddr:", r.Remote)
	fmt.Fprintf(&b, "%s %s %s\r\nHost: %s\r\n", r.Method, r.Target, r.Proto, r.Header.Get("Host"))
	if ua := r.Header.Get("User-Agent"); ua != "" {
		fmt.Fprintf(&b, "User-Agent: %s\r\n", ua)
	}
	for _, f := range sorted(r.Header) {
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	}
	b.WriteString("\r\n")
	return b.String()
}

// sorted is the header as Go's Request.Write writes it.
func sorted(h httpwire.Header) httpwire.Header {
	var rest httpwire.Header
	for _, f := range h {
		if n := canonical(f.Name); n != "Host" && n != "User-Agent" && n != "Content-Length" && n != "Transfer-Encoding" {
			rest.Add(n, f.Value)
		}
	}
	slices.SortStableFunc(rest, func(a, b httpwire.Field) int { return strings.Compare(a.Name, b.Name) })
	return rest
}

func canonical(name string) string {
	parts := strings.Split(strings.ToLower(name), "-")
	for i, p := range parts {
		if p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "-")
}

// data answers ?size= bytes, unit KB, MB, GB.
func (a *app) data(w *httpwire.Writer, r *httpwire.Request) {
	size, err := strconv.ParseInt(r.QueryValue("size"), 10, 64)
	if err != nil || size < 0 {
		size = 1
	}
	switch strings.ToLower(r.QueryValue("unit")) {
	case "kb":
		size <<= 10
	case "mb":
		size <<= 20
	case "gb":
		size <<= 30
	}
	w.Header.Add("Content-Type", plain)
	w.Start(200, size)
	const pattern = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
	block := strings.Repeat(pattern, 600)
	for sent := int64(0); sent < size; {
		n := min(int64(len(block)), size-sent)
		if _, err := io.WriteString(w, block[:n]); err != nil {
			return
		}
		sent += n
	}
}

// healthz answers the status that the last POST said.
func (a *app) healthz(w *httpwire.Writer, r *httpwire.Request) {
	if r.Method != "POST" {
		w.Answer(int(atomic.LoadInt32(&a.health)), plain, "")
		return
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, 16))
	code, cerr := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || cerr != nil || code < 100 || code > 599 {
		w.Answer(400, plain, "Bad status code\n")
		return
	}
	atomic.StoreInt32(&a.health, int32(code))
	w.Answer(200, plain, "")
}
