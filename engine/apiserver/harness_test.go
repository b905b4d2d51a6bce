package apiserver

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/utils/clock"

	"kubergarten/engine/trace"
)

// harness is a server with fakes around it, reached over real HTTP.
type harness struct {
	*Server
	t      *testing.T
	client *http.Client
	reg    *fakeRegistry
	http   *httptest.Server
	trace  *trace.Recorder
}

// newHarness starts a server for which alice may do everything, bob nothing,
// and everybody else is unknown.
func newHarness(t *testing.T, change ...func(*Config, *Deps)) *harness {
	t.Helper()
	h := &harness{t: t, reg: newFakeRegistry(), trace: trace.New(clock.RealClock{}, 1000)}
	cfg := Config{}
	deps := Deps{
		Registry: h.reg, Authenticator: byToken{}, Authorizer: authorizer.AuthorizerFunc(aliceOnly),
		Clock: clock.RealClock{}, Trace: h.trace, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&cfg, &deps)
	}
	s, err := New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	h.Server = s
	h.http = httptest.NewServer(s.Handler())
	h.client = h.http.Client()
	t.Cleanup(h.http.Close)
	return h
}

// byToken takes a bearer token for the user's name.
type byToken struct{}

func (byToken) AuthenticateRequest(r *http.Request) (*authenticator.Response, bool, error) {
	name, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || name == "" || name == "mallory" {
		return nil, false, nil
	}
	return &authenticator.Response{User: &user.DefaultInfo{Name: name, Groups: []string{user.AllAuthenticated}}}, true, nil
}

func aliceOnly(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	switch n := a.GetUser().GetName(); {
	case n == "alice", n == user.APIServerUser, n == user.Anonymous:
		return authorizer.DecisionAllow, "", nil
	}
	return authorizer.DecisionNoOpinion, "", nil
}

// answerOf is what the server said.
type answerOf struct {
	code   int
	header http.Header
	body   string
}

// call sends a request as alice. A body that begins with a brace is JSON.
func (h *harness) call(method, path, body string, headers ...string) answerOf {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.http.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer alice")
	r.Header.Set("User-Agent", "tester/v1")
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return h.send(r)
}

func (h *harness) send(r *http.Request) answerOf {
	h.t.Helper()
	resp, err := h.client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answerOf{resp.StatusCode, resp.Header, string(b)}
}

// message is the message of a Status, or the field of an object.
func (a answerOf) field(t *testing.T, path ...string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("not JSON: %v: %s", err, a.body)
	}
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[p]
	}
	return v
}

// want fails the test unless the code and, if not empty, the Status message are these.
func (a answerOf) want(t *testing.T, code int, message string) answerOf {
	t.Helper()
	if a.code != code {
		t.Fatalf("code %d, want %d: %s", a.code, code, a.body)
	}
	if message != "" {
		if got := a.field(t, "message"); got != message {
			t.Fatalf("message\n %v\nwant\n %s", got, message)
		}
	}
	return a
}

func userNamed(name string) user.Info { return &user.DefaultInfo{Name: name} }

// allowAll is authorization that allows everything.
type allowAll struct{}

func (allowAll) Authorize(context.Context, authorizer.Attributes) (authorizer.Decision, string, error) {
	return authorizer.DecisionAllow, "", nil
}
