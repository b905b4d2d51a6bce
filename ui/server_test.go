package ui

import (
	"context"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestTheLinkLogsInOnce(t *testing.T) {
	s := newSite(t, t.TempDir())
	if head := s.do("HEAD", s.srv.Link(), nil); s.session(head) != "" {
		t.Error("a preview of the link logs in")
	}
	cookie := s.owner()
	stolen := s.do("GET", s.srv.Link(), nil)
	if stolen.StatusCode != 403 || s.session(stolen) != "" || !strings.Contains(stolen.body, "used already") {
		t.Errorf("the stolen link answers %s", stolen.Status)
	}
	if again := s.do("GET", s.srv.Link(), nil, "Cookie", cookie); again.StatusCode != 200 || again.Header.Get("Refresh") != "0; url=/" {
		t.Errorf("the owner's reload of the link answers %s", again.Status)
	}
	if wrong := s.do("GET", "/login?once="+strings.Repeat("A", 43), nil); wrong.StatusCode != 403 || !strings.Contains(wrong.body, "not valid") {
		t.Errorf("a wrong link answers %s", wrong.Status)
	}
	home := s.do("GET", "/", nil, "Cookie", cookie)
	if home.StatusCode != 200 || !strings.Contains(home.body, "kubernetes-admin") {
		t.Errorf("the start page answers %s", home.Status)
	}
}

func TestTheLinkMakesAnotherUserTheOwner(t *testing.T) {
	s := newSite(t, t.TempDir())
	ann := s.session(s.post("/login", url.Values{"token": {good}}))
	a := s.do("GET", s.srv.Link(), nil, "Cookie", ann)
	if home := s.do("GET", "/", nil, "Cookie", s.session(a)); !strings.Contains(home.body, "kubernetes-admin") {
		t.Errorf("after the link: %s", home.Status)
	}
	if old := s.do("GET", "/session", nil, "Cookie", ann); old.StatusCode != 401 {
		t.Errorf("the session before lives on: %s", old.Status)
	}
}

func TestTheCookieIsStrict(t *testing.T) {
	s := newSite(t, t.TempDir())
	a := s.do("GET", s.srv.Link(), nil)
	for _, c := range a.Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %s", c.Raw)
		}
	}
}

func TestLoginByToken(t *testing.T) {
	s := newSite(t, t.TempDir())
	for name, tt := range map[string]struct {
		token, says string
		status      int
	}{
		"wrong":     {"bad", "does not accept this token", 403},
		"empty":     {" ", "Paste a token", 422},
		"two lines": {"a\r\nX: y", "does not accept this token", 403},
	} {
		a := s.post("/login", url.Values{"token": {tt.token}, "next": {"/r/v1.pods?x=<y>"}})
		if a.StatusCode != tt.status || !strings.Contains(a.body, tt.says) || s.session(a) != "" {
			t.Errorf("%s: %s", name, a.Status)
		}
		if strings.TrimSpace(tt.token) != "" && strings.Contains(a.body, `value="`+tt.token) {
			t.Errorf("%s: the token is shown again", name)
		}
		if !strings.Contains(a.body, `value="/r/v1.pods?x=&lt;y&gt;"`) {
			t.Errorf("%s: where to go on is lost", name)
		}
	}
	a := s.post("/login", url.Values{"token": {good}, "next": {"/lessons"}})
	if a.StatusCode != 200 || a.Header.Get("Refresh") != "0; url=/lessons" {
		t.Fatalf("the right token answers %s", a.Status)
	}
	home := s.do("GET", "/", nil, "Cookie", s.session(a))
	if !strings.Contains(home.body, "system:serviceaccount:default:ann") {
		t.Error("the page does not know who it is")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.asks[len(s.asks)-1]; last != "system:serviceaccount:default:ann" {
		t.Errorf("the API is asked as %q", last)
	}
}

func TestTooManyAttempts(t *testing.T) {
	s := newSite(t, t.TempDir())
	for range 5 {
		s.post("/login", url.Values{"token": {"bad"}})
	}
	if a := s.post("/login", url.Values{"token": {good}}); a.StatusCode != 429 || s.session(a) != "" {
		t.Errorf("the sixth attempt answers %s", a.Status)
	}
}

func TestARestartLogsNobodyOut(t *testing.T) {
	dir := t.TempDir()
	first := newSite(t, dir)
	cookie := first.owner()
	second := newSite(t, dir)
	_, value, _ := strings.Cut(cookie, "=")
	cookie = second.srv.cookieName() + "=" + value // the port is another in this test
	if a := second.do("GET", "/session", nil, "Cookie", cookie); a.StatusCode != 200 || a.body != "kubernetes-admin" {
		t.Errorf("after a restart: %s", a.Status)
	}
	if a := second.do("GET", first.base+"/session", nil, "Cookie", cookie); a.StatusCode != 401 {
		t.Errorf("a cookie of another server's name: %s", a.Status)
	}
	out := second.post("/logout", nil, "Cookie", cookie)
	if out.StatusCode != 303 {
		t.Errorf("logout: %s", out.Status)
	}
	if a := second.do("GET", "/session", nil, "Cookie", cookie); a.StatusCode != 401 {
		t.Errorf("after logout: %s", a.Status)
	}
}

// TestGuards is the table of what a page elsewhere may try.
func TestGuards(t *testing.T) {
	s := newSite(t, t.TempDir())
	cookie := s.owner()
	port := s.srv.addr.Port
	foreign := "http://evil.example"
	form := url.Values{"lang": {"zh-CN"}}
	for name, tt := range map[string]struct {
		method, path string
		form         url.Values
		header       []string
		want         int
	}{
		"our form":                       {"POST", "/preferences", form, []string{"Origin", s.base}, 303},
		"our form, as a browser does":    {"POST", "/preferences", form, []string{"Origin", "null", "Sec-Fetch-Site", "same-origin"}, 303},
		"forged Origin":                  {"POST", "/preferences", form, []string{"Origin", foreign}, 403},
		"forged Origin to log out":       {"POST", "/logout", nil, []string{"Origin", foreign}, 403},
		"no Origin":                      {"POST", "/preferences", form, nil, 403},
		"null Origin":                    {"POST", "/preferences", form, []string{"Origin", "null"}, 403},
		"null Origin from elsewhere":     {"POST", "/preferences", form, []string{"Origin", "null", "Sec-Fetch-Site", "cross-site"}, 403},
		"another port of this machine":   {"POST", "/preferences", form, []string{"Origin", "http://127.0.0.1:1"}, 403},
		"another port, same site":        {"POST", "/preferences", form, []string{"Origin", "http://127.0.0.1:1", "Sec-Fetch-Site", "same-site"}, 403},
		"https Origin":                   {"POST", "/preferences", form, []string{"Origin", strings.Replace(s.base, "http", "https", 1)}, 403},
		"cross-site form":                {"POST", "/login", url.Values{"token": {good}}, []string{"Origin", foreign, "Sec-Fetch-Site", "cross-site"}, 403},
		"cross-site with our Origin":     {"POST", "/preferences", form, []string{"Origin", s.base, "Sec-Fetch-Site", "cross-site"}, 403},
		"foreign Host":                   {"GET", "/", nil, []string{"Host", "evil.example"}, 421},
		"foreign Host, our port":         {"GET", "/", nil, []string{"Host", net.JoinHostPort("evil.example", itoa(port))}, 421},
		"foreign Host and Origin":        {"POST", "/preferences", form, []string{"Host", "evil.example", "Origin", foreign}, 421},
		"foreign Host for a static file": {"GET", "/static/x/app.js", nil, []string{"Host", "evil.example"}, 421},
		"no port":                        {"GET", "/", nil, []string{"Host", "127.0.0.1"}, 421},
		"localhost":                      {"GET", "/", nil, []string{"Host", net.JoinHostPort("localhost", itoa(port))}, 200},
		"WebSocket from elsewhere":       {"GET", "/", nil, []string{"Connection", "Upgrade", "Upgrade", "websocket", "Origin", foreign}, 403},
		"WebSocket without Origin":       {"GET", "/", nil, []string{"Connection", "Upgrade", "Upgrade", "websocket"}, 403},
		"PUT from elsewhere":             {"PUT", "/", nil, []string{"Origin", foreign}, 403},
		"API path with a cookie":         {"GET", "/api/v1/secrets", nil, nil, 404},
		"APIs path with a cookie":        {"GET", "/apis/apps/v1/deployments", nil, nil, 404},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.do(tt.method, tt.path, tt.form, append(tt.header, "Cookie", cookie)...)
			if a.StatusCode != tt.want {
				t.Errorf("%s, want %d", a.Status, tt.want)
			}
			if tt.want >= 400 && (len(a.Cookies()) > 0 || strings.Contains(a.Header.Get("Access-Control-Allow-Origin"), "*")) {
				t.Errorf("a refused request gets %v", a.Header)
			}
		})
	}
}

func itoa(n int) string { return big.NewInt(int64(n)).String() }

// TestHeaders: every answer carries the policy, refused ones too.
func TestHeaders(t *testing.T) {
	s := newSite(t, t.TempDir())
	cookie := s.owner()
	policy := regexp.MustCompile(`^default-src 'none'; script-src 'self' 'nonce-([A-Z2-7]{26})'; style-src 'self' 'nonce-([A-Z2-7]{26})'; ` +
		`img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$`)
	seen := map[string]bool{}
	inline := regexp.MustCompile(`<style|\sstyle=|\son[a-z]+=|<script[^>]*>[^<]|javascript:`)
	for _, path := range []string{"/", "/login", "/about/licences", "/nowhere", "/palette", "/session", "/static/x/y"} {
		a := s.do("GET", path, nil, "Cookie", cookie)
		m := policy.FindStringSubmatch(a.Header.Get("Content-Security-Policy"))
		if m == nil || m[1] != m[2] || seen[m[1]] {
			t.Fatalf("%s: policy %q", path, a.Header.Get("Content-Security-Policy"))
		}
		seen[m[1]] = true
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			if hit := inline.FindString(a.body); hit != "" {
				t.Errorf("%s: inline %q", path, hit)
			}
			if !strings.Contains(a.body, `nonce="`+m[1]+`"`) {
				t.Errorf("%s: the scripts lack the nonce", path)
			}
			if strings.Contains(a.body, `="http`) {
				t.Errorf("%s names a place outside", path)
			}
		}
	}
}

func TestASessionThatEndsWhileTyping(t *testing.T) {
	s := newSite(t, t.TempDir())
	a := s.do("GET", "/r/v1.pods", nil, "HX-Request", "true")
	if a.StatusCode != 401 || a.Header.Get("HX-Trigger") != "kg:login" || a.Header.Get("HX-Retarget") != "#kg-toasts" {
		t.Fatalf("htmx gets %s %v", a.Status, a.Header)
	}
	form := s.do("GET", "/login", nil, "HX-Request", "true")
	if strings.Contains(form.body, "<html") || !strings.Contains(form.body, `hx-post="/login"`) {
		t.Errorf("the dialog gets %s", form.body)
	}
	wrong := s.post("/login", url.Values{"token": {"bad"}}, "HX-Request", "true")
	if strings.Contains(wrong.body, "<html") || !strings.Contains(wrong.body, "does not accept this token") {
		t.Errorf("a wrong token in the dialog: %s", wrong.body)
	}
	in := s.post("/login", url.Values{"token": {s.srv.Link()}}, "HX-Request", "true")
	if s.session(in) == "" || in.Header.Get("HX-Trigger") != "kg:again" || in.Header.Get("Refresh") != "" {
		t.Errorf("the pasted link in the dialog: %s %v", in.Status, in.Header)
	}
}

func TestLanguagesAndThemes(t *testing.T) {
	s := newSite(t, t.TempDir())
	for name, tt := range map[string]struct {
		header []string
		lang   string
		theme  string
	}{
		"nothing asked":     {nil, "en", "auto"},
		"Chinese":           {[]string{"Accept-Language", "zh-CN,zh;q=0.9,en;q=0.1"}, "zh-CN", "auto"},
		"plain zh":          {[]string{"Accept-Language", "zh"}, "zh-CN", "auto"},
		"unknown":           {[]string{"Accept-Language", "tlh, en;q=0.5"}, "en", "auto"},
		"nonsense":          {[]string{"Accept-Language", ";;;q=x"}, "en", "auto"},
		"chosen":            {[]string{"Accept-Language", "zh", "Cookie", "kg-lang=en; kg-theme=dark"}, "en", "dark"},
		"a forged cookie":   {[]string{"Cookie", `kg-lang="><script>; kg-theme=x`}, "en", "auto"},
		"chosen in Chinese": {[]string{"Cookie", "kg-lang=zh-CN; kg-theme=light"}, "zh-CN", "light"},
	} {
		a := s.do("GET", "/login", nil, tt.header...)
		if !strings.Contains(a.body, `<html lang="`+tt.lang+`" data-theme="`+tt.theme+`"`) {
			t.Errorf("%s: %.80s", name, a.body)
		}
	}
	a := s.post("/preferences", url.Values{"lang": {"zh-CN"}, "theme": {"dark"}, "back": {"//evil.example"}})
	if len(a.Cookies()) != 2 || a.Header.Get("Location") != "/" {
		t.Errorf("%v %v", a.Cookies(), a.Header)
	}
}

func TestLocal(t *testing.T) {
	for next, want := range map[string]string{
		"/r/v1.pods?namespace=x#y": "/r/v1.pods?namespace=x#y", "": "/", "//evil": "/", "/\\evil": "/", "https://evil": "/",
		"evil": "/", "/login?next=/login": "/", "javascript:alert(1)": "/", "/a\nb": "/", "/a;url=//evil": "/", "/\t/evil": "/", "/%zz": "/",
	} {
		if got := local(next); got != want {
			t.Errorf("local(%q) = %q, want %q", next, got, want)
		}
	}
}

func FuzzLocal(f *testing.F) {
	f.Add("/r/v1.pods")
	f.Add("//evil")
	f.Fuzz(func(t *testing.T, next string) {
		at, err := url.Parse("http://here.example/x")
		if err != nil {
			t.Fatal(err)
		}
		to, err := at.Parse(local(next))
		if err != nil || to.Host != "here.example" || to.Scheme != "http" {
			t.Fatalf("local(%q) leads to %v", next, to)
		}
	})
}

func TestTheStartPageLives(t *testing.T) {
	s := newSite(t, t.TempDir())
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	req, _ := http.NewRequestWithContext(ctx, "GET", s.base+"/live/start", nil)
	req.Header.Set("Cookie", s.owner())
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	buf, got := make([]byte, 4096), ""
	for !strings.Contains(got, "0 of 1") {
		n, err := res.Body.Read(buf)
		if err != nil {
			t.Fatalf("%v after %s", err, got)
		}
		got += string(buf[:n])
	}
}
