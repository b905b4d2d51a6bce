package main

import (
	"fmt"
	"io"
	"net"
	"path"
	"slices"
	"strings"
	"time"

	"kubergarten/wasm/guest/httpwire"
)

// An exchange is one request on its way to an answer.
type exchange struct {
	n                        *nginx
	c                        *config
	w                        *httpwire.Writer
	r                        *httpwire.Request
	server                   *server
	loc                      *location
	uri                      string // as it is now: index files and error pages change it
	captures                 []string
	start                    time.Time
	id                       int
	status                   int // what an error page answers with, 0 if none is meant
	hops                     int // inner redirections so far
	upstream, upstreamStatus string
}

func (n *nginx) handle(w *httpwire.Writer, r *httpwire.Request) {
	n.active.Add(1)
	defer n.active.Add(-1)
	x := &exchange{n: n, c: n.current(), w: w, r: r, start: time.Now(), id: int(n.ids.Add(1))}
	x.server = x.c.find(r)
	x.loc = x.server.self
	w.Header.Add("Server", x.product())
	w.Header.Add("Date", httpwire.Date(x.start))
	x.uri = path.Clean(r.Path)
	if strings.HasSuffix(r.Path, "/") && x.uri != "/" {
		x.uri += "/"
	}
	switch {
	case r.Header.Get("Host") == "" && r.Proto == "HTTP/1.1":
		x.log("info", "client sent HTTP/1.1 request without \"Host\" header while reading client request headers")
		x.fail(400)
	case x.server.self.ret != nil:
		x.returns(x.server.self.ret)
	default:
		x.route()
	}
	n.served.Add(1)
	x.access()
}

func (x *exchange) product() string {
	if !x.server.self.tokens {
		return "nginx"
	}
	return "nginx/" + x.n.version
}

// find chooses the server: by address and port, then by name.
func (c *config) find(r *httpwire.Request) *server {
	host := strings.ToLower(r.Header.Get("Host"))
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	_, port, _ := net.SplitHostPort(r.Local)
	var candidates []*server
	var first *server
	for _, s := range c.servers {
		for _, l := range s.listens {
			lh, lp, _ := net.SplitHostPort(l.addr)
			if lp != port || lh != "0.0.0.0" && net.JoinHostPort(lh, lp) != r.Local {
				continue
			}
			candidates = append(candidates, s)
			if first == nil || l.byDefault {
				first = s
			}
		}
	}
	best, rank := first, 0
	for _, s := range candidates {
		for _, name := range s.names {
			if k := nameRank(name, host); k > rank {
				best, rank = s, k
			}
		}
	}
	if best == nil {
		return &server{self: inherit(c.main)}
	}
	return best
}

// nameRank is how well a server_name fits: exact, *.front, back.*, pattern.
func nameRank(name, host string) int {
	switch {
	case name == host && host != "":
		return 1 << 30
	case strings.HasPrefix(name, "*.") && strings.HasSuffix(host, name[1:]):
		return 1<<20 + len(name)
	case strings.HasPrefix(name, ".") && (strings.HasSuffix(host, name) || host == name[1:]):
		return 1<<20 + len(name)
	case strings.HasSuffix(name, ".*") && strings.HasPrefix(host, name[:len(name)-1]):
		return 1<<10 + len(name)
	}
	return 0
}

// route finds the location of the URI and answers from there.
func (x *exchange) route() {
	if x.hops++; x.hops > 10 {
		x.log("error", "rewrite or internal redirection cycle while internally redirecting to %q", x.uri)
		x.plainError(500)
		return
	}
	l, captures := choose(x.server.locations, x.uri)
	if l == nil {
		l = x.server.self
	}
	x.loc, x.captures = l, captures
	switch {
	case l.hidden && x.hops == 1:
		x.fail(404)
	case l.ret != nil:
		x.returns(l.ret)
	case l.status:
		x.stub()
	case l.proxy != nil:
		x.pass()
	case len(l.try) > 0:
		x.tryFiles()
	default:
		x.static()
	}
}

// choose is nginx's rule: an exact one, else the longest prefix, unless it is
// no ^~ and a pattern fits.
func choose(list []*location, uri string) (*location, []string) {
	var best *location
	for _, l := range list {
		switch l.kind {
		case "=":
			if l.path == uri {
				return l, nil
			}
		case "", "^~":
			if strings.HasPrefix(uri, l.path) && (best == nil || len(l.path) > len(best.path)) {
				best = l
			}
		}
	}
	if best != nil {
		if inner, captures := choose(best.nested, uri); inner != nil {
			return inner, captures
		}
		if best.kind == "^~" {
			return best, nil
		}
	}
	for _, l := range list {
		if l.re == nil {
			continue
		}
		if m := l.re.FindStringSubmatch(uri); m != nil {
			if inner, captures := choose(l.nested, uri); inner != nil {
				return inner, captures
			}
			return l, m
		}
	}
	return best, nil
}

func (x *exchange) returns(a *answer) {
	text := x.expand(a.text)
	switch a.code {
	case 301, 302, 303, 307, 308:
		if strings.HasPrefix(text, "/") {
			text = "http://" + x.authority() + text
		}
		x.w.Header.Set("Location", text)
		x.plainError(a.code)
		return
	case 444:
		x.w.CloseAfter()
		x.w.Header = nil
		x.w.Start(444, 0)
		return
	}
	if a.text == "" && a.code >= 300 {
		x.fail(a.code)
		return
	}
	x.send(a.code, x.loc.byType, text)
}

// authority is how redirections name this server.
func (x *exchange) authority() string {
	if h := x.r.Header.Get("Host"); h != "" {
		return h
	}
	return x.r.Local
}

// begin sends the head of an answer.
func (x *exchange) begin(code int, contentType string, length int64) {
	if x.status != 0 {
		code = x.status
	}
	if contentType != "" {
		if x.loc.charset != "" && strings.HasPrefix(contentType, "text/") {
			contentType += "; charset=" + x.loc.charset
		}
		x.w.Header.Set("Content-Type", contentType)
	}
	if x.w.Header.Get("Connection") == "" {
		x.w.Header.Add("Connection", "keep-alive")
	}
	okay := slices.Contains([]int{200, 201, 204, 206, 301, 302, 303, 304, 307, 308}, code)
	for _, h := range x.loc.headers {
		if v := x.expand(h.value); v != "" && (okay || h.always) {
			x.w.Header.Add(h.name, v)
		}
	}
	x.w.Reason = reasonText(code)
	x.w.Start(code, length)
}

func (x *exchange) send(code int, contentType, text string) {
	x.begin(code, contentType, int64(len(text)))
	io.WriteString(x.w, text)
}

// fail answers an error, by its error_page if there is one.
func (x *exchange) fail(code int) {
	p, ok := x.loc.errors[code]
	if !ok || x.status != 0 {
		x.plainError(code)
		return
	}
	x.status = code
	if p.code > 0 {
		x.status = p.code
	}
	if strings.HasPrefix(p.uri, "http://") || strings.HasPrefix(p.uri, "https://") {
		x.w.Header.Set("Location", p.uri)
		x.status = 0
		x.plainError(302)
		return
	}
	if p.code < 0 {
		x.status = 0
	}
	if !strings.HasPrefix(p.uri, "/") {
		x.plainError(code)
		return
	}
	x.uri = p.uri
	x.route()
}

func (x *exchange) plainError(code int) {
	if x.status != 0 {
		code = x.status
	}
	x.send(code, "text/html", page(code, "", x.product()))
}

// log writes to the error log what befell this request.
func (x *exchange) log(level, format string, a ...any) {
	client, _, _ := net.SplitHostPort(x.r.Remote)
	name := ""
	if len(x.server.names) > 0 {
		name = x.server.names[0]
	}
	x.n.log(level, "*%d %s, client: %s, server: %s, request: \"%s %s %s\", host: \"%s\"",
		x.id, fmt.Sprintf(format, a...), client, name, x.r.Method, x.r.Target, x.r.Proto, x.r.Header.Get("Host"))
}

// access writes to the access logs.
func (x *exchange) access() {
	for _, l := range x.loc.logs {
		format := x.c.formats[l.format]
		line := variable.ReplaceAllStringFunc(format, func(m string) string {
			v := x.variable(strings.Trim(m, "${}"))
			if v == "" {
				return "-"
			}
			return escapeLog(v)
		})
		io.WriteString(x.n.logFile(l.path, x.n.out), line+"\n")
	}
}

// escapeLog writes what would break a line as \xHH.
func escapeLog(v string) string {
	if !strings.ContainsFunc(v, func(r rune) bool { return r < 32 || r == '"' || r == '\\' || r > 126 }) {
		return v
	}
	var b strings.Builder
	for _, c := range []byte(v) {
		if c < 32 || c == '"' || c == '\\' || c > 126 {
			fmt.Fprintf(&b, "\\x%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// stub is stub_status.
func (x *exchange) stub() {
	n := x.n.served.Load() + 1
	x.send(200, "text/plain", fmt.Sprintf("Active connections: %d \nserver accepts handled requests\n %d %d %d \nReading: 0 Writing: %d Waiting: 0 \n",
		x.n.active.Load(), n, n, n, x.n.active.Load()))
}
