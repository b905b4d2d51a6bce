package httpwire

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadRequest(t *testing.T) {
	for _, tt := range []struct{ name, in, path, query, body, err string }{
		{"plain", "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "/a", "", "", ""},
		{"escaped", "GET /a%20b?c=%41 HTTP/1.1\r\n\r\n", "/a b", "c=%41", "", ""},
		{"absolute", "GET http://h/p HTTP/1.1\r\n\r\n", "/p", "", "", ""},
		{"body", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcdef", "/", "", "abc", ""},
		{"chunked", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n", "/", "", "abcde", ""},
		{"bare newlines", "GET / HTTP/1.0\nA: b\n\n", "/", "", "", ""},
		{"no version", "GET /\r\n\r\n", "", "", "", "malformed message"},
		{"bad escape", "GET /%zz HTTP/1.1\r\n\r\n", "", "", "", "malformed message"},
		{"bad header", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "", "", "", "malformed message"},
		{"negative length", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "", "", "", "malformed message"},
		{"long", "GET /" + strings.Repeat("x", maxLine) + " HTTP/1.1\r\n\r\n", "", "", "", "header too large"},
		{"many", "GET / HTTP/1.1\r\n" + strings.Repeat("a: b\r\n", maxHeaders+1) + "\r\n", "", "", "", "header too large"},
		{"cut", "GET / HTTP/1.1\r\nHost", "", "", "", "unexpected EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := ReadRequest(bufio.NewReader(strings.NewReader(tt.in)))
			if err != nil || tt.err != "" {
				if fmt.Sprint(err) != tt.err {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				return
			}
			body, err := io.ReadAll(r.Body)
			if r.Path != tt.path || r.Query != tt.query || string(body) != tt.body || err != nil {
				t.Errorf("%q %q %q %v", r.Path, r.Query, body, err)
			}
		})
	}
}

func TestReadResponse(t *testing.T) {
	for _, tt := range []struct{ name, in, body, err string }{
		{"length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi more", "hi", ""},
		{"to the end", "HTTP/1.0 200 OK\r\n\r\nall of it", "all of it", ""},
		{"continued", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "x", ""},
		{"too short", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", "hi", "unexpected EOF"},
		{"no http", "SSH-2.0\r\n", "", "malformed message"},
		{"nothing", "", "", "unexpected EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := ReadResponse(bufio.NewReader(strings.NewReader(tt.in)), "GET")
			var body []byte
			if err == nil {
				body, err = io.ReadAll(r.Body)
			}
			if string(body) != tt.body || tt.err == "" && err != nil || tt.err != "" && fmt.Sprint(err) != tt.err {
				t.Errorf("%q, %v", body, err)
			}
		})
	}
}

// TestServe sends two requests over one connection and ends the server.
func TestServe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{Handler: func(w *Writer, r *Request) {
		if r.Path == "/stream" {
			io.WriteString(w, "a")
			io.WriteString(w, "bc")
			return
		}
		w.Answer(200, "text/plain", r.Path)
	}}
	done := make(chan error)
	go func() { done <- s.Serve(ctx, l) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	br := bufio.NewReader(conn)
	for path, want := range map[string]string{"/x": "/x", "/stream": "abc"} {
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", path)
		resp, err := ReadResponse(br, "GET")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if d := cmp.Diff(want, string(body)); d != "" || err != nil {
			t.Error(d, err)
		}
	}
	cancel() // the idle connection must not hold it up
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestBadRequest(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go (&Server{Handler: func(w *Writer, r *Request) {}}).Serve(ctx, l)
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "nonsense\r\n\r\n")
	answer, _ := io.ReadAll(conn)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 400 Bad Request\r\n") {
		t.Errorf("%q", answer)
	}
}

// FuzzRequest: whatever comes, reading ends and never panics.
func FuzzRequest(f *testing.F) {
	f.Add([]byte("GET /a?b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"))
	f.Add([]byte("POST / HTTP/1.0\nContent-Length: 99999999999999999999\n\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := ReadRequest(bufio.NewReader(bytes.NewReader(in)))
		if err != nil {
			return
		}
		n, _ := io.Copy(io.Discard, r.Body)
		if n > int64(len(in)) {
			t.Errorf("%d bytes of body out of %d", n, len(in))
		}
	})
}
