package apiserver

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"k8s.io/apiserver/pkg/authorization/authorizer"

	"kubergarten/engine/api"
)

const wantsAggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"

func TestDiscovery(t *testing.T) {
	h := newHarness(t)
	for _, c := range []struct{ name, path, accept, kind, contentType string }{
		{"legacy api", "/api", "", "APIVersions", "application/json"},
		{"legacy apis", "/apis", "", "APIGroupList", "application/json"},
		{"group", "/apis/apps", "", "APIGroup", "application/json"},
		{"core", "/api/v1", "", "APIResourceList", "application/json"},
		{"group version", "/apis/apps/v1", "", "APIResourceList", "application/json"},
		{"yaml", "/apis/apps/v1", "application/json", "APIResourceList", "application/json"},
		{"aggregated api", "/api", wantsAggregated, "APIGroupDiscoveryList", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"},
		{"aggregated apis", "/apis", wantsAggregated, "APIGroupDiscoveryList", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"},
		{"aggregated, of before 1.30", "/apis", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", "APIGroupDiscoveryList", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := h.call("GET", c.path, "", "Accept", c.accept).want(t, 200, "")
			if a.field(t, "kind") != c.kind || a.header.Get("Content-Type") != c.contentType {
				t.Errorf("kind %v, %s", a.field(t, "kind"), a.header.Get("Content-Type"))
			}
		})
	}
	a := h.call("GET", "/apis", "", "Accept", wantsAggregated)
	if b := h.call("GET", "/apis", "", "Accept", wantsAggregated, "If-None-Match", a.header.Get("ETag")); b.code != http.StatusNotModified {
		t.Errorf("ETag %s: %d", a.header.Get("ETag"), b.code)
	}
}

func TestOpenAPI(t *testing.T) {
	h := newHarness(t)
	index := h.call("GET", "/openapi/v3", "").want(t, 200, "")
	url, _ := index.field(t, "paths", "apis/apps/v1", "serverRelativeURL").(string)
	if !strings.HasPrefix(url, "/openapi/v3/apis/apps/v1?hash=") {
		t.Fatalf("index: %.200s", index.body)
	}
	a := h.call("GET", url, "").want(t, 200, "")
	if a.field(t, "openapi") == nil || !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
		t.Errorf("%v", a.header)
	}
	if b := h.call("GET", url, "", "If-None-Match", a.header.Get("ETag")); b.code != http.StatusNotModified {
		t.Errorf("etag: %d", b.code)
	}
	h.http.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if b := h.call("GET", "/openapi/v3/apis/apps/v1?hash=stale", ""); b.code != 301 || b.header.Get("Location") != url {
		t.Errorf("stale hash: %d %s", b.code, b.header.Get("Location"))
	}
	h.call("GET", "/openapi/v3/api/v1", "", "Accept", "text/html").want(t, 406, "")
}

func TestEveryKindHasATable(t *testing.T) {
	h := newHarness(t)
	for _, r := range api.Resources() {
		if r.Prefix != "" {
			prefix := "/apis/" + r.Group + "/" + r.Version + "/"
			if r.Group == "" {
				prefix = "/api/v1/"
			}
			h.call("GET", prefix+r.Plural, "", "Accept", asTable).want(t, 200, "")
		}
	}
}

func TestHealthAndVersion(t *testing.T) {
	broken := errors.New("no etcd")
	h := newHarness(t, func(_ *Config, d *Deps) { d.Etcd = func(context.Context) error { return broken } })
	for _, path := range []string{"/healthz/ping", "/livez/log", "/version", "/version/"} {
		if a := h.call("GET", path, "", "Authorization", ""); a.code != 200 {
			t.Errorf("%s anonymously: %d %s", path, a.code, a.body)
		}
	}
	if v := h.call("GET", "/version", "").field(t, "gitVersion"); v != "v1.36.3" {
		t.Errorf("gitVersion %v", v)
	}
	a := h.call("GET", "/readyz", "")
	if a.code != 500 || !strings.Contains(a.body, "[-]etcd failed: reason withheld\n") || !strings.HasSuffix(a.body, "readyz check failed\n") {
		t.Errorf("%d %s", a.code, a.body)
	}
	if a := h.call("GET", "/livez/etcd", ""); a.code != 500 || a.body != "internal server error: no etcd\n" {
		t.Errorf("%d %s", a.code, a.body)
	}
	for _, hook := range h.hooks() {
		h.hooked.Store(hook.name, true)
	}
	if a := h.call("GET", "/livez?exclude=etcd&exclude=frog&verbose", ""); a.code != 200 || !strings.HasSuffix(a.body, "warn: some health checks cannot be excluded: no matches for \"frog\"\nlivez check passed\n") {
		t.Errorf("%d %s", a.code, a.body)
	}
	broken = nil
	if a := h.call("GET", "/healthz", "", "Authorization", ""); a.code != 200 || a.body != "ok" {
		t.Errorf("%d %s", a.code, a.body)
	}
	h.call("GET", podsPath, "", "Authorization", "").want(t, 401, "Unauthorized")
	if paths := h.call("GET", "/", "").want(t, 200, "").field(t, "paths").([]any); len(paths) < 20 {
		t.Errorf("paths %v", paths)
	}
	if a := h.call("GET", "/metrics", ""); !strings.Contains(a.body, `apiserver_request_total{code="401",component="apiserver",dry_run="",group="",resource="pods",scope="namespace",subresource="",verb="LIST",version="v1"} 1`) {
		t.Errorf("metrics: %s", a.body)
	}
}

func TestTooManyRequests(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	h := newHarness(t, func(c *Config, d *Deps) {
		c.MaxRequestsInflight, c.MaxMutatingRequestsInflight = 1, 1
		d.Authorizer = authorizer.AuthorizerFunc(func(ctx context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
			if a.GetName() == "slow" {
				close(entered)
				<-leave
			}
			return aliceOnly(ctx, a)
		})
	})
	done := make(chan answerOf)
	go func() { done <- h.call("GET", podsPath+"/slow", "") }()
	<-entered
	if a := h.call("GET", podsPath, ""); a.code != 429 || a.header.Get("Retry-After") != "1" || a.body != "Too many requests, please try again later.\n" {
		t.Errorf("%d %v %s", a.code, a.header, a.body)
	}
	h.call("POST", podsPath, podJSON).want(t, 201, "")
	close(leave)
	(<-done).want(t, 404, "")
	h.call("GET", podsPath, "").want(t, 200, "")
}

func TestReviews(t *testing.T) {
	h := newHarness(t)
	for _, c := range []struct {
		name, path, body string
		code             int
		field            []string
		want             any
	}{
		{"who am I", "/apis/authentication.k8s.io/v1/selfsubjectreviews", `{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}`, 201, []string{"status", "userInfo", "username"}, "alice"},
		{"a token", "/apis/authentication.k8s.io/v1/tokenreviews", `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":"carol"}}`, 201, []string{"status", "user", "username"}, "carol"},
		{"a bad token", "/apis/authentication.k8s.io/v1/tokenreviews", `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":"mallory"}}`, 201, []string{"status", "authenticated"}, nil},
		{"no token", "/apis/authentication.k8s.io/v1/tokenreviews", `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1"}`, 400, []string{"message"}, "token is required for TokenReview in authentication"},
		{"may I", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", `{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}`, 201, []string{"status", "allowed"}, true},
		{"may bob", "/apis/authorization.k8s.io/v1/subjectaccessreviews", `{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"user":"bob","nonResourceAttributes":{"verb":"get","path":"/"}}}`, 201, []string{"status", "allowed"}, false},
		{"may nobody", "/apis/authorization.k8s.io/v1/subjectaccessreviews", `{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"nonResourceAttributes":{"verb":"get","path":"/"}}}`, 422, []string{"message"}, `SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified`},
		{"elsewhere", "/apis/authorization.k8s.io/v1/namespaces/a/localsubjectaccessreviews", `{"kind":"LocalSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"user":"bob","resourceAttributes":{"namespace":"b"}}}`, 422, []string{"message"}, `LocalSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "b": must match metadata.namespace`},
		{"rules", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", `{"kind":"SelfSubjectRulesReview","apiVersion":"authorization.k8s.io/v1","spec":{"namespace":"a"}}`, 201, []string{"status", "incomplete"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := h.call("POST", c.path, c.body).want(t, c.code, "")
			if got := a.field(t, c.field...); got != c.want {
				t.Errorf("%v is %v, want %v", c.field, got, c.want)
			}
		})
	}
}
