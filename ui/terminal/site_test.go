package terminal_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/utils/clock"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/ui"
	"kubergarten/ui/page/lesson"
	"kubergarten/ui/terminal"
)

const token = "good-token"

// A site is the whole page, with all its guards, and shells in memory.
type site struct {
	*testing.T
	srv   *ui.Server
	bench *terminal.FakeBench
	base  string
	stop  func()
}

func newSite(t *testing.T, dir, listen string) *site { return newSchool(t, dir, listen, nil) }

// newSchool is a site with lessons, unless teacher is nil.
func newSchool(t *testing.T, dir, listen string, teacher lesson.Teacher) *site {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	s := &site{T: t, bench: &terminal.FakeBench{}}
	objects := clienttest.New()
	s.srv, err = ui.New(ui.Config{
		Listen: listen, Log: slog.New(slog.DiscardHandler), Clock: clock.RealClock{}, Dir: root,
		Owner: clienttest.Reviewer(t, token, "kubernetes-admin"),
		As:    func(user.Info) client.Interface { return objects },
		Rooms: ui.Rooms{Terminal: s.bench, Lessons: teacher},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.srv.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.stop)
	select {
	case <-s.srv.Ready():
	case err := <-done:
		t.Fatal(err)
	}
	s.base = s.srv.URL()
	return s
}

// owner is a client that has come in by the link.
func (s *site) owner() *http.Client {
	s.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	res, err := c.Get(s.srv.Link())
	if err != nil {
		s.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		s.Fatal(res.Status)
	}
	return c
}

// post sends a POST with headers, names and values in turn.
func (s *site) post(c *http.Client, path string, header ...string) *http.Response {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), "POST", s.base+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.Transport.RoundTrip(req)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { res.Body.Close() })
	return res
}

func TestWhoGetsNoSocket(t *testing.T) {
	s := newSite(t, t.TempDir(), "127.0.0.1:0")
	owner := s.owner()
	dial := func(c *http.Client, host string, header ...string) int {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		conn, res, err := websocket.Dial(ctx, s.base+"/terminal/ws", &websocket.DialOptions{HTTPClient: c, HTTPHeader: h, Host: host})
		if err == nil {
			_ = conn.CloseNow()
		} else if res == nil {
			t.Fatal(err)
		}
		return res.StatusCode
	}
	evil := "http://evil.example"
	for name, got := range map[string][2]int{
		"our own page":              {dial(owner, "", "Origin", s.base), 101},
		"no origin":                 {dial(owner, ""), 403},
		"forged origin":             {dial(owner, "", "Origin", evil), 403},
		"origin null":               {dial(owner, "", "Origin", "null"), 403},
		"https of the same name":    {dial(owner, "", "Origin", strings.Replace(s.base, "http:", "https:", 1)), 403},
		"another port":              {dial(owner, "", "Origin", "http://127.0.0.1:1"), 403},
		"localhost for 127.0.0.1":   {dial(owner, "", "Origin", strings.Replace(s.base, "127.0.0.1", "localhost", 1)), 403},
		"foreign host":              {dial(owner, "evil.example", "Origin", evil), 421},
		"cross-site by the browser": {dial(owner, "", "Origin", s.base, "Sec-Fetch-Site", "cross-site"), 403},
		"no session":                {dial(http.DefaultClient, "", "Origin", s.base), 401},
		"a made-up session":         {dial(http.DefaultClient, "", "Origin", s.base, "Cookie", "kg-session-1=x"), 401},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %d, want %d", name, got[0], got[1])
		}
	}
}

func TestWhoGetsNoTicket(t *testing.T) {
	s := newSite(t, t.TempDir(), "127.0.0.1:0")
	owner := s.owner()
	owner.Transport = &cookies{owner.Jar}
	nobody := &http.Client{Transport: http.DefaultTransport}
	for name, got := range map[string][2]int{
		"our own page":        {s.post(owner, "/terminal/ticket", "Origin", s.base).StatusCode, 200},
		"another user's page": {s.post(owner, "/terminal/ticket?as=somebody", "Origin", s.base).StatusCode, 409},
		"no origin":           {s.post(owner, "/terminal/ticket").StatusCode, 403},
		"forged origin":       {s.post(owner, "/terminal/ticket", "Origin", "http://evil.example").StatusCode, 403},
		"no session":          {s.post(nobody, "/terminal/ticket", "Origin", s.base).StatusCode, 401},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %d, want %d", name, got[0], got[1])
		}
	}
}

// cookies sends a jar's cookies without following redirects.
type cookies struct{ jar http.CookieJar }

func (c *cookies) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, cookie := range c.jar.Cookies(r.URL) {
		r.AddCookie(cookie)
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestALogoutClosesTheSocket(t *testing.T) {
	s := newSite(t, t.TempDir(), "127.0.0.1:0")
	owner := s.owner()
	owner.Transport = &cookies{owner.Jar}
	var got struct{ Ticket string }
	if err := json.NewDecoder(s.post(owner, "/terminal/ticket", "Origin", s.base).Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	conn, _, err := websocket.Dial(ctx, s.base+"/terminal/ws", &websocket.DialOptions{HTTPClient: &http.Client{Jar: owner.Jar}, HTTPHeader: http.Header{"Origin": {s.base}}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	hello := `{"type":"open","ticket":"` + got.Ticket + `","cols":80,"rows":24}`
	if err := conn.Write(ctx, websocket.MessageText, []byte(hello)); err != nil {
		t.Fatal(err)
	}
	if _, opened, err := conn.Read(ctx); err != nil || !strings.Contains(string(opened), `"opened"`) {
		t.Fatalf("%s %v", opened, err)
	}
	s.post(owner, "/logout", "Origin", s.base)
	for err == nil {
		_, _, err = conn.Read(ctx)
	}
	if code := websocket.CloseStatus(err); code != 4401 {
		t.Errorf("closed with %d: %v", code, err)
	}
}
