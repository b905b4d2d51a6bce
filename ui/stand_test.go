package ui

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apiserver/pkg/authentication/user"
	clocktesting "k8s.io/utils/clock/testing"
)

// A judgeOfTokens is the API server that judges tokens, under the test's hand.
type judgeOfTokens struct {
	asks  atomic.Int32
	fails atomic.Pointer[error]
}

func (j *judgeOfTokens) check(context.Context, string) (user.Info, error) {
	j.asks.Add(1)
	if err := j.fails.Load(); err != nil {
		return nil, *err
	}
	return &user.DefaultInfo{Name: "system:serviceaccount:default:ann"}, nil
}

// judged is a site whose tokens j judges, and its clock.
func judged(t *testing.T) (*site, *judgeOfTokens, *clocktesting.FakeClock) {
	j, c := &judgeOfTokens{}, clocktesting.NewFakeClock(time.Now())
	s := newSite(t, t.TempDir(), func(s *Server) { s.check, s.cfg.Clock = j.check, c })
	return s, j, c
}

func (s *site) status(path, cookie string) int {
	s.t.Helper()
	return s.do("GET", path, nil, "Cookie", cookie).StatusCode
}

func TestASessionEndsWithItsToken(t *testing.T) {
	s, j, c := judged(t)
	ann := s.session(s.post("/login", url.Values{"token": {good}}))
	j.asks.Store(0)
	for range 5 {
		if got := s.status("/lessons", ann); got == 303 {
			t.Fatalf("a good token: %d", got)
		}
	}
	if n := j.asks.Load(); n != 1 {
		t.Errorf("five requests of one minute have the token judged %d times", n)
	}
	j.fails.Store(&errToken)
	c.Step(trusted)
	if got := s.status("/cluster", ann); got != 303 {
		t.Errorf("with a token that has ended, the page answers %d", got)
	}
	j.fails.Store(nil)
	if got := s.status("/session", ann); got != 401 {
		t.Errorf("the session of a token that has ended lives on: %d", got)
	}
}

// TestAnAPIServerThatIsAwayLogsNobodyOut: nor does one that will not say whose
// the token is.
func TestAnAPIServerThatIsAwayLogsNobodyOut(t *testing.T) {
	s, j, c := judged(t)
	ann := s.session(s.post("/login", url.Values{"token": {good}}))
	away := errors.New("connection refused")
	for _, err := range []error{away, errMute} {
		j.fails.Store(&err)
		c.Step(trusted)
		if got := s.status("/session", ann); got == 401 {
			t.Errorf("%v: %d", err, got)
		}
	}
	owner := s.owner()
	j.fails.Store(&errToken)
	c.Step(trusted)
	if got := s.status("/session", owner); got == 401 {
		t.Errorf("the owner, who has no token: %d", got)
	}
}

// TestAnOpenPageEndsWithItsToken: the stream of a page, or a terminal, asks by
// the visitor's Login alone.
func TestAnOpenPageEndsWithItsToken(t *testing.T) {
	s, j, c := judged(t)
	ann := s.session(s.post("/login", url.Values{"token": {good}}))
	r := httptest.NewRequest("GET", "/live/none", nil)
	r.Header.Set("Cookie", ann)
	login, _ := s.srv.loginOf(r)
	if !login.Alive(false) {
		t.Fatal("a good token's login is over")
	}
	j.fails.Store(&errToken)
	if c.Step(trusted); login.Alive(false) {
		t.Error("the login outlives its token")
	}
	select {
	case <-login.Gone():
	default:
		t.Error("others who use the session are not told")
	}
}
