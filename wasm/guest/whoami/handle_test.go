package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubergarten/wasm/guest/httpwire"
)

func request() *httpwire.Request {
	return &httpwire.Request{Method: "GET", Target: "/a?b", Proto: "HTTP/1.1", Path: "/a", Remote: "10.0.0.1:99", Header: httpwire.Header{
		{Name: "host", Value: "web"}, {Name: "X-b", Value: "2"}, {Name: "accept", Value: "*/*"}, {Name: "User-Agent", Value: "me"},
	}}
}

func TestText(t *testing.T) {
	a := &app{name: "n", interfaces: func() []string { return []string{"127.0.0.1", "10.244.0.5"} }}
	host, _ := os.Hostname()
	want := "Name: n\nHostname: " + host + "\nIP: 127.0.0.1\nIP: 10.244.0.5\nRemoteAddr: 10.0.0.1:99\n" +
		"GET /a?b HTTP/1.1\r\nHost: web\r\nUser-Agent: me\r\nAccept: */*\r\nX-B: 2\r\n\r\n"
	if d := cmp.Diff(want, a.text(request())); d != "" {
		t.Error(d)
	}
}

func TestJSON(t *testing.T) {
	a := &app{interfaces: func() []string { return nil }}
	var got answer
	if err := json.NewDecoder(strings.NewReader(a.json(request()))).Decode(&got); err != nil {
		t.Fatal(err)
	}
	got.Hostname = ""
	want := answer{
		Headers: map[string][]string{"Accept": {"*/*"}, "User-Agent": {"me"}, "X-B": {"2"}},
		URL:     "/a?b", Host: "web", Method: "GET", RemoteAddr: "10.0.0.1:99",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
