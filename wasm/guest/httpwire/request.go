package httpwire

import (
	"bufio"
	"io"
	"strings"
)

// A Request is one request as the server read it.
type Request struct {
	Method, Target, Proto string
	Path                  string // unescaped, without the query
	Query                 string
	Header                Header
	Body                  io.Reader
	Remote, Local         string // host:port
}

// ReadRequest reads a request up to its body.
func ReadRequest(r *bufio.Reader) (*Request, error) {
	line, err := readLine(r)
	if err != nil {
		return nil, err
	}
	f := strings.Split(line, " ")
	if len(f) != 3 || f[0] == "" || !strings.HasPrefix(f[2], "HTTP/1.") {
		return nil, ErrMalformed
	}
	req := &Request{Method: f[0], Target: f[1], Proto: f[2]}
	if req.Header, err = readHeader(r); err != nil {
		return nil, err
	}
	target := req.Target
	if rest, ok := strings.CutPrefix(target, "http://"); ok {
		_, path, _ := strings.Cut(rest, "/")
		target = "/" + path
	}
	path, query, _ := strings.Cut(target, "?")
	req.Query = query
	var ok bool
	if req.Path, ok = Unescape(path); !ok || !strings.HasPrefix(path, "/") && path != "*" {
		return nil, ErrMalformed
	}
	if req.Body, _, err = body(r, req.Header, false); err != nil {
		return nil, err
	}
	return req, nil
}

// Unescape replaces %41 by A.
func Unescape(s string) (string, bool) {
	if !strings.Contains(s, "%") {
		return s, true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		hi, lo := unhex(s[i+1]), unhex(s[i+2])
		if hi < 0 || lo < 0 {
			return "", false
		}
		b.WriteByte(byte(hi<<4 | lo))
		i += 2
	}
	return b.String(), true
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// keepAlive tells whether the connection may carry another request.
func (r *Request) keepAlive() bool {
	if r.Proto == "HTTP/1.0" {
		return r.Header.Has("Connection", "keep-alive")
	}
	return !r.Header.Has("Connection", "close")
}

// QueryValue returns a parameter of the query.
func (r *Request) QueryValue(name string) string {
	for _, pair := range strings.Split(r.Query, "&") {
		if k, v, _ := strings.Cut(pair, "="); k == name {
			v, _ = Unescape(strings.ReplaceAll(v, "+", " "))
			return v
		}
	}
	return ""
}
