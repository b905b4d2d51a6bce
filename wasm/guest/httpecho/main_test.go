package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"kubergarten/wasm/guest/httpwire"
)

func TestArguments(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
		code int
	}{
		{nil, "Missing -text option or ECHO_TEXT env var!\n", 127},
		{[]string{"-text", "a", "b"}, "Too many arguments!\n", 127},
		{[]string{"-version"}, "http-echo v1.0.0\n", 0},
		{[]string{"-nosuch"}, "flag provided but not defined: -nosuch\n", 2},
	} {
		var out, errs bytes.Buffer
		if code := run(tt.args, &out, &errs); code != tt.code || !strings.HasPrefix(errs.String(), tt.want) {
			t.Errorf("%v: %d %q", tt.args, code, errs.String())
		}
	}
}

func TestHandler(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var log bytes.Buffer
	done := make(chan error)
	go func() { done <- (&httpwire.Server{Handler: handler(418, "tea", &log)}).Serve(ctx, l) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "GET /x HTTP/1.1\r\nHost: h\r\nUser-Agent: me\r\nConnection: close\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-done
	if s := string(answer); !strings.HasPrefix(s, "HTTP/1.1 418 I'm a teapot\r\n") || !strings.HasSuffix(s, "\r\n\r\ntea\n") || !strings.Contains(s, "X-App-Name: http-echo\r\n") {
		t.Errorf("%s", s)
	}
	if !strings.Contains(log.String(), ` "GET /x HTTP/1.1" 418 4 "me" `) {
		t.Errorf("log %q", log.String())
	}
}
