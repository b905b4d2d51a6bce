package apiserver

import (
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/client"
)

const podJSON = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"app":"web"}},"spec":{"nodeName":"node-1","containers":[{"name":"c","image":"busybox"}]}}`

const podsPath = "/api/v1/namespaces/default/pods"

func TestErrors(t *testing.T) {
	h := newHarness(t)
	h.call("POST", podsPath, podJSON).want(t, 201, "")
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		code                     int
		message                  string
	}{
		{"no such pod", "GET", podsPath + "/nobody", "", nil, 404, `pods "nobody" not found`},
		{"no such resource", "GET", "/api/v1/namespaces/default/frogs", "", nil, 404, "the server could not find the requested resource"},
		{"no such subresource", "GET", podsPath + "/web/frogs", "", nil, 404, "the server could not find the requested resource"},
		{"below a subresource", "GET", podsPath + "/web/status/x", "", nil, 404, "the server could not find the requested resource"},
		{"nodes in a namespace", "GET", "/api/v1/namespaces/default/nodes", "", nil, 404, "the server could not find the requested resource"},
		{"a pod without namespace", "GET", "/api/v1/pods/web", "", nil, 404, "the server could not find the requested resource"},
		{"create everywhere", "POST", "/api/v1/pods", podJSON, nil, 405, "the server does not allow this method on the requested resource"},
		{"post to an object", "POST", podsPath + "/web", podJSON, nil, 405, "the server does not allow this method on the requested resource"},
		{"odd method", "PROPFIND", podsPath, "", nil, 405, "the server does not allow this method on the requested resource"},
		{"twice", "POST", podsPath, podJSON, nil, 409, `pods "web" already exists`},
		{"unauthorized", "GET", podsPath, "", []string{"Authorization", "Bearer mallory"}, 401, "Unauthorized"},
		{"forbidden", "GET", podsPath + "/web", "", []string{"Authorization", "Bearer bob"}, 403, `pods "web" is forbidden: User "bob" cannot get resource "pods" in API group "" in the namespace "default"`},
		{"forbidden path", "GET", "/metrics", "", []string{"Authorization", "Bearer bob"}, 403, `forbidden: User "bob" cannot get path "/metrics"`},
		{"forbidden at cluster scope", "GET", "/apis/apps/v1/deployments", "", []string{"Authorization", "Bearer bob"}, 403, `deployments.apps is forbidden: User "bob" cannot list resource "deployments" in API group "apps" at the cluster scope`},
		{"not acceptable", "GET", podsPath, "", []string{"Accept", "text/html"}, 406, "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf"},
		{"unsupported body", "POST", podsPath, "x", []string{"Content-Type", "text/plain"}, 415, "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf"},
		{"unsupported patch", "PATCH", podsPath + "/web", "{}", []string{"Content-Type", "application/json"}, 415, "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml"},
		{"garbage", "POST", podsPath, "{", nil, 400, `the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: unexpected end of JSON input ({)`},
		{"wrong kind", "POST", podsPath, `{"apiVersion":"v1","kind":"Node","metadata":{"name":"x"}}`, nil, 400, `Node in version "v1" cannot be handled as a Pod: converting (v1.Node) to (v1.Pod): unknown conversion`},
		{"wrong version", "POST", podsPath, `{"apiVersion":"apps/v1","kind":"Pod","metadata":{"name":"x"}}`, nil, 400, `Pod in version "v1" cannot be handled as a Pod: no kind "Pod" is registered for version "apps/v1" in scheme "pkg/runtime/scheme.go:111"`},
		{"unknown field", "POST", podsPath + "?fieldValidation=Strict", `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"foo":1}}`, nil, 400, `Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.foo"`},
		{"other namespace", "POST", podsPath, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x","namespace":"other"}}`, nil, 400, "the namespace of the provided object does not match the namespace sent on the request"},
		{"other name", "PUT", podsPath + "/web", `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"}}`, nil, 400, "the name of the object (x) does not match the name on the URL (web)"},
		{"no name", "PUT", podsPath + "/web", `{"apiVersion":"v1","kind":"Pod"}`, nil, 400, "the name of the object (web based on URL) was undeterminable: name must be provided"},
		{"field label", "GET", podsPath + "?fieldSelector=spec.frog=1", "", nil, 400, "field label not supported: spec.frog"},
		{"label selector", "GET", podsPath + "?labelSelector=a%20b", "", nil, 400, `unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt`},
		{"dry run", "POST", podsPath + "?dryRun=Some", podJSON, nil, 422, `CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"`},
		{"validation", "POST", podsPath + "?fieldValidation=Lax", podJSON, nil, 422, `CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Lax": supported values: "", "Ignore", "Strict", "Warn"`},
		{"timeout", "GET", podsPath + "?timeout=soon", "", nil, 400, `invalid timeout specified in the request URL - time: invalid duration "soon"`},
		{"panic", "GET", podsPath + "/panic", "", nil, 500, "Internal error occurred: this request caused apiserver to panic; look in the logs for details"},
		{"precondition", "DELETE", podsPath + "/web", `{"preconditions":{"uid":"1"}}`, nil, 409, ""},
		{"impersonate nobody", "GET", podsPath, "", []string{"Impersonate-Group", "g"}, 400, ""},
		{"may not impersonate", "GET", podsPath, "", []string{"Authorization", "Bearer bob", "Impersonate-User", "alice"}, 403, `users "alice" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope`},
		{"impersonate bob", "GET", podsPath, "", []string{"Impersonate-User", "bob"}, 403, `pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := h.call(c.method, c.path, c.body, c.headers...).want(t, c.code, c.message)
			if kind := a.field(t, "kind"); kind != "Status" {
				t.Errorf("kind %v", kind)
			}
		})
	}
}

func TestPlainNotFound(t *testing.T) {
	h := newHarness(t)
	for _, path := range []string{"/nowhere", "/apis/frogs.io/v1/frogs", "/apis/frogs.io", "/api/v2", "/openapi/v2"} {
		if a := h.call("GET", path, ""); a.code != 404 || a.body != "404 page not found\n" {
			t.Errorf("%s: %d %q", path, a.code, a.body)
		}
	}
}

func TestBodyLimits(t *testing.T) {
	h := newHarness(t)
	big := make([]byte, maxBody+1)
	for i := range big {
		big[i] = 'a'
	}
	h.call("POST", podsPath, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"`+string(big)+`"}}`).
		want(t, http.StatusRequestEntityTooLarge, "Request entity too large: limit is 3145728")
	deep := make([]byte, 0, 1000)
	for range 200 {
		deep = append(deep, '[')
	}
	h.call("POST", podsPath, `{"a":`+string(deep)).want(t, 400, "the request body nests deeper than 100 levels")
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += string(c) + ": &" + string(c) + " ["
		for i := range 9 {
			if i > 0 {
				bomb += ","
			}
			bomb += "*" + string(c-1)
		}
		bomb += "]\n"
	}
	if a := h.call("POST", podsPath, bomb, "Content-Type", "application/yaml"); a.code != 400 {
		t.Errorf("billion laughs: %d %.200s", a.code, a.body)
	}
}

func TestBrowsers(t *testing.T) {
	h := newHarness(t)
	for _, c := range []struct {
		name, method string
		headers      []string
		code         int
	}{
		{"other origin", "POST", []string{"Origin", "https://evil.example"}, 403},
		{"other site", "POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"same origin", "POST", []string{"Sec-Fetch-Site", "same-origin", "Origin", "https://x"}, 201},
		{"reading", "GET", []string{"Origin", "https://evil.example"}, 200},
		{"cookie", "GET", []string{"Authorization", "", "Cookie", "token=alice"}, 401},
	} {
		a := h.call(c.method, podsPath, podJSON, c.headers...)
		if a.code != c.code || a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %s", c.name, a.code, a.body)
		}
	}
	if a := h.call("GET", podsPath+"/web/exec?stdout=1", "", "Sec-Fetch-Site", "cross-site"); a.code != 403 {
		t.Errorf("exec from another site: %d", a.code)
	}
}

func TestLocalPanic(t *testing.T) {
	h := newHarness(t)
	if _, err := client.For[*corev1.Pod](h.As(userNamed("alice"))).Get(t.Context(), "default", "panic"); err == nil || !strings.Contains(err.Error(), "caused apiserver to panic") {
		t.Errorf("%v", err)
	}
}

func TestNoAnonymous(t *testing.T) {
	h := newHarness(t, func(c *Config, _ *Deps) { c.NoAnonymous = true })
	h.call("GET", "/livez", "", "Authorization", "").want(t, 401, "Unauthorized")
}
