package ui

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/rest"

	"kubergarten/ui/frame"
	"kubergarten/ui/session"
	"kubergarten/ui/text"
)

// Cookies of taste. They outlive a session and tell nothing about it.
const (
	langCookie  = "kg-lang"
	themeCookie = "kg-theme"
)

// themes are the values of the theme's cookie, the one to fall back to first.
func themes() []string { return []string{"auto", "light", "dark"} }

// speak puts the language into the context.
func (s *Server) speak(next http.Handler) http.Handler {
	known := language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lang := taste(r, langCookie, text.Languages())
		if lang == "" {
			asked, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language")) // what cannot be read asks for nothing
			_, at, _ := known.Match(asked...)
			lang = text.Languages()[at]
		}
		next.ServeHTTP(w, r.WithContext(text.With(r.Context(), lang)))
	})
}

// taste is the cookie's value if it is one of those known, or nothing.
func taste(r *http.Request, cookie string, known []string) string {
	if c, err := r.Cookie(cookie); err == nil && slices.Contains(known, c.Value) {
		return c.Value
	}
	return ""
}

// open tells whether a path is for everybody: what is needed to log in.
func open(path string) bool {
	switch path {
	case "/login", "/logout", "/preferences", "/session", "/about/licences", "/favicon.ico":
		return true
	}
	return strings.HasPrefix(path, "/static/")
}

// visit puts the Visitor into the context, and sends whom it does not know to
// the login.
func (s *Server) visit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &frame.Visitor{User: &user.DefaultInfo{}, Lang: text.Lang(r.Context()), Theme: taste(r, themeCookie, themes())}
		if v.Theme == "" {
			v.Theme = themes()[0]
		}
		login, who := s.loginOf(r)
		known := login != nil && login.Alive(true)
		if known {
			v.User, v.REST = s.credential(who)
			v.API = s.cfg.As(v.User)
			v.Login = login
		}
		r = r.WithContext(frame.With(r.Context(), v))
		if !known && !open(r.URL.Path) {
			s.frame.Login(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sessionOf is whose session the request's cookie names.
func (s *Server) sessionOf(r *http.Request) (session.Who, bool) {
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return session.Who{}, false
	}
	return s.sessions.Find(c.Value)
}

// cookieName holds the port, for cookies do not: two servers on one machine
// would log each other out. With HTTPS the name has the prefix that keeps a
// neighbour without it from setting the cookie.
func (s *Server) cookieName() string {
	if s.cert != nil {
		return fmt.Sprintf("__Host-kg-session-%d", s.addr.Port)
	}
	return fmt.Sprintf("kg-session-%d", s.addr.Port)
}

// credential is the user of a session, and how to reach the API as that user.
func (s *Server) credential(who session.Who) (user.Info, *rest.Config) {
	if who.Owner {
		return s.owner, rest.CopyConfig(s.cfg.Owner)
	}
	info := &user.DefaultInfo{Name: who.Name, UID: who.UID, Groups: who.Groups, Extra: who.Extra}
	return info, s.bearer(who.Bearer)
}

// bearer reaches the API with nothing but a token.
func (s *Server) bearer(token string) *rest.Config {
	c := rest.AnonymousClientConfig(s.cfg.Owner)
	c.BearerToken = token
	return c
}
