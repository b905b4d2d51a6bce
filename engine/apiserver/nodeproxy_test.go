package apiserver

import "testing"

func TestNodeProxy(t *testing.T) {
	h := newStreams(t)
	h.call("POST", "/api/v1/nodes", `{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}}`)
	for _, c := range []struct {
		name, verb, path string
		code             int
		body             string // begins so
	}{
		{"summary", "GET", "/n/proxy/stats/summary", 200, "{\n \"node\": {\n  \"nodeName\": \"n\""},
		{"a slash at the end", "GET", "/n/proxy/stats/summary/", 200, "{"},
		{"a path that the kubelet has not", "GET", "/n/proxy/nothing", 404, "404 page not found"},
		{"no path", "GET", "/n/proxy", 404, "404 page not found"},
		{"dots", "GET", "/n/proxy/a/../stats/summary", 200, "{\n \"node\": {\n  \"nodeName\": \"n\""},
		{"a verb that the kubelet has not", "POST", "/n/proxy/stats/summary", 405, "405: Method Not Allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := h.call(c.verb, "/api/v1/nodes"+c.path, "")
			if a.code != c.code || len(a.body) < len(c.body) || a.body[:len(c.body)] != c.body {
				t.Errorf("%d %s", a.code, a.body)
			}
		})
	}
	if a := h.call("GET", "/api/v1/nodes/x/proxy/stats/summary", ""); a.code != 404 || a.field(t, "message") != `nodes "x" not found` {
		t.Errorf("%d %s", a.code, a.body)
	}
}
