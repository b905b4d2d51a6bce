package ui

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"kubergarten/engine/client"
	"kubergarten/ui/frame"
	"kubergarten/ui/static"
	"kubergarten/ui/terminal"
	"kubergarten/ui/text"
)

// year is how long tastes are remembered.
const year = 365 * 24 * time.Hour

// handler is all routes behind the guards.
func (s *Server) handler() http.Handler {
	mux := s.mux
	mux.Handle("GET /static/{hash}/{name...}", static.NewServer())
	mux.HandleFunc("GET /live/{source}", s.frame.Stream)
	mux.HandleFunc("GET /login", s.loginPage)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("POST /logout", s.logout)
	mux.HandleFunc("GET /session", s.session)
	mux.HandleFunc("POST /preferences", s.preferences)
	mux.HandleFunc("GET /palette", s.palette)
	mux.HandleFunc("GET /about/licences", s.licences)
	mux.HandleFunc("/", s.missing)
	s.cfg.routes(mux, s.frame, s.cfg.Clock)
	if s.terminals != nil {
		terminal.Routes(mux, s.frame, terminal.Deps{Terminals: s.terminals})
	}
	return s.guard(mux)
}

// session tells a script whether the session lives, and whose it is.
func (s *Server) session(w http.ResponseWriter, r *http.Request) {
	who, known := s.sessionOf(r)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !known {
		w.WriteHeader(http.StatusUnauthorized)
	}
	_, _ = io.WriteString(w, who.Name)
}

// preferences keeps the language and the theme, and goes back.
func (s *Server) preferences(w http.ResponseWriter, r *http.Request) {
	keep := func(cookie, value string, known []string) {
		if slices.Contains(known, value) {
			http.SetCookie(w, &http.Cookie{
				Name: cookie, Value: value, Path: "/", MaxAge: int(year.Seconds()),
				HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
			})
		}
	}
	keep(langCookie, r.PostFormValue("lang"), text.Languages())
	keep(themeCookie, r.PostFormValue("theme"), themes())
	http.Redirect(w, r, back(r.PostFormValue("back")), http.StatusSeeOther)
}

// back is where a form came from, if that is a page of ours.
func back(to string) string {
	if to == "/login" {
		return to
	}
	return local(to)
}

func (s *Server) licences(w http.ResponseWriter, r *http.Request) {
	all, err := static.Licenses()
	if err != nil {
		s.frame.Fail(w, r, 0, err)
		return
	}
	s.frame.Page(w, r, frame.Page{Title: frame.T(r.Context(), "licences.title"), Body: licences(all)})
}

func (s *Server) missing(w http.ResponseWriter, r *http.Request) {
	s.frame.Fail(w, r, http.StatusNotFound, errors.New(frame.T(r.Context(), "fail.not-found")))
}

// An entry is a line of the palette.
type entry struct {
	Label string `json:"label"`
	Hint  string `json:"hint"`
	Href  string `json:"href"`
}

// palette lists where one can go: the pages, then the kinds.
func (s *Server) palette(w http.ResponseWriter, r *http.Request) {
	say := func(key string) string { return text.T(r.Context(), key) }
	all := []entry{
		{say("start.title"), "start", "/"},
		{say("layout.cluster"), "cluster", "/cluster"},
		{say("layout.resources"), "resources", "/r/"},
		{say("layout.lessons"), "lessons", "/lessons"},
		{say("layout.terminal"), "terminal kubectl", "/terminal"},
	}
	for _, k := range client.Kinds() {
		group := k.Resource.Group
		if group != "" {
			group += "."
		}
		at := group + k.Resource.Version + "." + k.Resource.Resource
		all = append(all, entry{k.Kind, at, "/r/" + at})
	}
	all = slices.DeleteFunc(all, func(e entry) bool { return !s.frame.Offers(e.Href) })
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(all)
}
