package ui

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/utils/clock"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/ui/browser"
)

// good is a token that the API server of these tests accepts.
const good = "good-token"

// A site is a running server and what it speaks to.
type site struct {
	t    *testing.T
	srv  *Server
	base string
	stop func() // as the end of the program does

	mu   sync.Mutex
	asks []string // users whom the API in this process was asked as
}

// newSite starts a server on any free port; sessions are kept in dir. Each of
// prepare is called before it listens.
func newSite(t *testing.T, dir string, prepare ...func(*Server)) *site {
	return newSiteAt(t, dir, "127.0.0.1:0", prepare...)
}

func newSiteAt(t *testing.T, dir, listen string, prepare ...func(*Server)) *site {
	t.Helper()
	s := &site{t: t}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	objects := clienttest.New(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-1"}})
	s.srv, err = New(Config{
		Listen: listen, Log: slog.New(slog.DiscardHandler), Clock: clock.RealClock{}, Dir: root,
		Owner: clienttest.Reviewer(t, good, "system:serviceaccount:default:ann"),
		As: func(u user.Info) client.Interface {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.asks = append(s.asks, u.GetName())
			return objects
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range prepare {
		f(s.srv)
	}
	s.run()
	return s
}

// run runs the server until the test ends, or s.stop is called.
func (s *site) run() {
	s.t.Helper()
	ctx, stop := context.WithCancel(s.t.Context())
	done := make(chan error, 1)
	go func() { done <- s.srv.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		stop()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	})
	s.t.Cleanup(s.stop)
	select {
	case <-s.srv.Ready():
	case err := <-done:
		s.t.Fatal(err)
	}
	s.base = s.srv.URL()
}

// An answer is a response, read.
type answer struct {
	*http.Response
	body string
}

// do asks without following redirects. header holds names and values; "Host"
// is the host, and a form makes a POST's body.
func (s *site) do(method, path string, form url.Values, header ...string) answer {
	s.t.Helper()
	at := path
	if strings.HasPrefix(path, "/") {
		at = s.base + path
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, at, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		} else if header[i+1] != "" {
			req.Header.Add(header[i], header[i+1])
		}
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{res, string(body)}
}

// post is a form of our own page.
func (s *site) post(path string, form url.Values, header ...string) answer {
	s.t.Helper()
	return s.do("POST", path, form, append([]string{"Origin", s.base}, header...)...)
}

// session is the session cookie that an answer sets, or nothing.
func (s *site) session(a answer) string {
	for _, c := range a.Cookies() {
		if c.Name == s.srv.cookieName() {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

// owner logs in by the link.
func (s *site) owner() string {
	s.t.Helper()
	a := s.do("GET", s.srv.Link(), nil)
	cookie := s.session(a)
	if a.StatusCode != 200 || cookie == "" {
		s.t.Fatalf("the link answers %s and sets %q", a.Status, cookie)
	}
	return cookie
}

// logOut ends the browser's session beneath the page, as another tab does.
func logOut(b *browser.Browser) {
	b.Helper()
	if !browser.Eval[bool](b, `fetch("/logout", { method: "POST" }).then((answer) => answer.ok)`) {
		b.Fatal("the page cannot log out")
	}
}
