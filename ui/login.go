package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/rest"

	"kubergarten/ui/frame"
	"kubergarten/ui/session"
)

// errToken is a token that the API server does not accept.
var errToken = errors.New("the API server does not accept this token")

// errMute is a token that the API server knows, but whose user may not ask who
// it is; nobody gets in by it.
var errMute = fmt.Errorf("%w: it may not ask who it is", errToken)

// A gateLook is the login form: where to go on, and what was wrong.
type gateLook struct {
	Next, Wrong string
	// Again is the form in a dialog of a page that goes on.
	Again bool
}

// loginPage is GET /login: the form, or the owner's link.
func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	g := gateLook{Next: local(r.FormValue("next")), Again: frame.IsHTMX(r)}
	_, known := s.sessionOf(r)
	once := r.URL.Query().Get("once")
	switch {
	case once == "" && known && !g.Again:
		s.goOn(w, r, g.Next)
	case once == "":
		s.showGate(w, r, http.StatusOK, g)
	case r.Method == http.MethodHead: // a preview of the link must not use it up
	case !s.gate.Allow(addressOf(r)):
		g.Wrong = frame.T(r.Context(), "fail.too-many")
		s.showGate(w, r, http.StatusTooManyRequests, g)
	default:
		s.byLink(w, r, once, g)
	}
}

// login is POST /login: a token, or the link pasted.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	g := gateLook{Next: local(r.PostFormValue("next")), Again: frame.IsHTMX(r)}
	token := strings.TrimSpace(r.PostFormValue("token"))
	if token == "" {
		g.Wrong = frame.T(r.Context(), "login.empty")
		s.showGate(w, r, http.StatusUnprocessableEntity, g)
		return
	}
	if !s.gate.Allow(addressOf(r)) {
		g.Wrong = frame.T(r.Context(), "fail.too-many")
		s.showGate(w, r, http.StatusTooManyRequests, g)
		return
	}
	if once := onceIn(token); once != "" {
		s.byLink(w, r, once, g)
		return
	}
	s.byToken(w, r, token, g)
}

// onceIn is the login link's token in what was pasted, or nothing.
func onceIn(pasted string) string {
	u, err := url.Parse(pasted)
	if err != nil {
		return ""
	}
	return u.Query().Get("once")
}

// byLink lets the owner in. Whoever is in as another user becomes the owner; the
// owner who loads the used link anew is in already.
func (s *Server) byLink(w http.ResponseWriter, r *http.Request, once string, g gateLook) {
	who, known := s.sessionOf(r)
	verdict := s.once.Take(once)
	switch {
	case verdict == session.Good:
		s.enter(w, r, session.Who{Owner: true, Name: s.owner.GetName()}, g)
	case verdict == session.Used && known && who.Owner && !g.Again:
		s.goOn(w, r, g.Next)
	case verdict == session.Used:
		g.Wrong = frame.T(r.Context(), "login.used")
		s.showGate(w, r, http.StatusForbidden, g)
	default:
		g.Wrong = frame.T(r.Context(), "login.no-link")
		s.showGate(w, r, http.StatusForbidden, g)
	}
}

func (s *Server) byToken(w http.ResponseWriter, r *http.Request, token string, g gateLook) {
	info, err := s.check(r.Context(), token)
	switch {
	case errors.Is(err, errToken):
		g.Wrong = frame.T(r.Context(), "login.wrong")
		s.showGate(w, r, http.StatusForbidden, g)
	case err != nil:
		s.log.Warn("login cannot be judged", "err", err)
		g.Wrong = frame.T(r.Context(), "fail.unreachable")
		s.showGate(w, r, http.StatusServiceUnavailable, g)
	default:
		s.enter(w, r, session.Who{
			Name: info.GetName(), UID: info.GetUID(), Groups: info.GetGroups(), Extra: info.GetExtra(), Bearer: token,
		}, g)
	}
}

// enter opens a session. A session that the browser had is closed.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, who session.Who, g gateLook) {
	cookie, err := s.sessions.Open(who)
	if err != nil {
		s.frame.Fail(w, r, http.StatusInternalServerError, err)
		return
	}
	s.closeOld(r)
	http.SetCookie(w, s.cookie(r, cookie, 0))
	if g.Again {
		w.Header().Set("HX-Trigger", "kg:again")
		s.frame.Toast(w, r, "ok", frame.T(r.Context(), "login.in-again"))
		return
	}
	s.goOn(w, r, g.Next)
}

// goOn leads to where the visitor wanted to go, by a page and not by a
// redirect: a strict cookie does not travel with a redirect that began
// elsewhere, for example in a mail that holds the link.
func (s *Server) goOn(w http.ResponseWriter, r *http.Request, next string) {
	w.Header().Set("Refresh", "0; url="+next)
	s.frame.Page(w, r, frame.Page{Title: frame.T(r.Context(), "login.in"), Body: entered(next)})
}

// logout is POST /logout.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	s.closeOld(r)
	http.SetCookie(w, s.cookie(r, "", -1))
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

func (s *Server) closeOld(r *http.Request) {
	if c, err := r.Cookie(s.cookieName()); err == nil {
		s.sessions.Close(c.Value)
	}
}

// cookie is the session's: for this server alone, out of reach of scripts.
func (s *Server) cookie(r *http.Request, value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	}
}

// showGate answers with the form: whole, or for the dialog of a page.
func (s *Server) showGate(w http.ResponseWriter, r *http.Request, status int, g gateLook) {
	if g.Again {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_ = gateForm(g).Render(r.Context(), w)
		return
	}
	s.frame.Status(w, r, status, frame.Page{Title: frame.T(r.Context(), "login.title"), Body: gate(g)})
}

// review asks the API server whose token it is.
func (s *Server) review(ctx context.Context, token string) (user.Info, error) {
	if strings.ContainsAny(token, " \t\r\n") {
		return nil, errToken // no bearer token, and no header either
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := rest.HTTPClientFor(s.bearer(token))
	if err != nil {
		return nil, fmt.Errorf("review token: %w", err)
	}
	host, _, err := rest.DefaultServerUrlFor(s.cfg.Owner)
	if err != nil {
		return nil, fmt.Errorf("review token: %w", err)
	}
	body, err := json.Marshal(&authenticationv1.SelfSubjectReview{
		TypeMeta: metav1.TypeMeta{APIVersion: authenticationv1.SchemeGroupVersion.String(), Kind: "SelfSubjectReview"},
	})
	if err != nil {
		return nil, err
	}
	at := host.JoinPath("/apis/authentication.k8s.io/v1/selfsubjectreviews").String()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("review token: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := c.Do(req)
	if err != nil {
		return nil, fmt.Errorf("review token: %w", err)
	}
	defer res.Body.Close()
	return reviewed(res)
}

// reviewed reads the API server's answer.
func reviewed(res *http.Response) (user.Info, error) {
	switch res.StatusCode {
	case http.StatusOK, http.StatusCreated:
	case http.StatusUnauthorized:
		return nil, errToken
	case http.StatusForbidden:
		return nil, errMute
	default:
		return nil, fmt.Errorf("review token: the API server answers %s", res.Status)
	}
	var review authenticationv1.SelfSubjectReview
	if err := json.NewDecoder(io.LimitReader(res.Body, largest)).Decode(&review); err != nil {
		return nil, fmt.Errorf("review token: %w", err)
	}
	u := review.Status.UserInfo
	if u.Username == "" || u.Username == user.Anonymous {
		return nil, errToken
	}
	extra := map[string][]string{}
	for k, v := range u.Extra {
		extra[k] = v
	}
	return &user.DefaultInfo{Name: u.Username, UID: u.UID, Groups: u.Groups, Extra: extra}, nil
}

// local is next if it is a page of ours, else the start.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\t\r\n\x00;,") || strings.HasPrefix(u.Path, "/login") {
		return "/"
	}
	return next
}

// addressOf is where a request comes from, without the port.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
