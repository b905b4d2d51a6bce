package frame

import (
	"log/slog"
	"net/http"
	"sync"

	"github.com/a-h/templ"
	"k8s.io/utils/clock"

	"kubergarten/ui/component"
)

// Config is what a Frame needs.
type Config struct {
	// Clock is the clock of the page's readers: real time, except in tests.
	Clock clock.WithTickerAndDelayedExecution
	Log   *slog.Logger
	// Offers tells whether this server has a page at path; nil: any.
	Offers func(path string) bool
}

// A Frame holds pages in the layout.
type Frame struct {
	clock  clock.WithTickerAndDelayedExecution
	log    *slog.Logger
	offers func(path string) bool

	mu      sync.RWMutex
	sources map[string]Source
}

// New returns a frame without live sources.
func New(c Config) *Frame {
	if c.Offers == nil {
		c.Offers = func(string) bool { return true }
	}
	return &Frame{clock: c.Clock, log: c.Log, offers: c.Offers, sources: map[string]Source{}}
}

// Offers tells whether this server has a page at path, to link to it.
func (f *Frame) Offers(path string) bool { return f.offers(path) }

// A Page is what the layout holds.
type Page struct {
	// Title is the page's name, said in the visitor's language.
	Title string
	// Nav is the entry of the navigation that the page belongs to: "cluster",
	// "resources", "lessons", "terminal", or none.
	Nav string
	// Live is the live source with its query ("cluster?namespace=x"), or none.
	Live string
	// Scripts and Styles are names of static files.
	Scripts, Styles []string
	Body            templ.Component
}

// Page answers with p in the layout.
func (f *Frame) Page(w http.ResponseWriter, r *http.Request, p Page) {
	f.render(w, r, http.StatusOK, p)
}

// Status answers with p in the layout and another status than 200.
func (f *Frame) Status(w http.ResponseWriter, r *http.Request, status int, p Page) {
	f.render(w, r, status, p)
}

func (f *Frame) render(w http.ResponseWriter, r *http.Request, status int, p Page) {
	v := From(r.Context())
	layout := component.Layout(component.Outline{
		Title: p.Title, Nav: p.Nav, Live: p.Live, Scripts: p.Scripts, Styles: p.Styles,
		Lang: v.Lang, Theme: v.Theme, User: v.User.GetName(), Ref: refOf(r), Offers: f.offers, Body: p.Body,
	})
	f.serve(w, r, status, layout)
}

// refOf is where to come back to: the page itself, if it can be asked for again.
func refOf(r *http.Request) string {
	if r.Method != http.MethodGet {
		return "/"
	}
	return r.URL.RequestURI()
}

// serve answers with c whole, or not at all: a component that fails half way
// gives an error, not half a page.
func (f *Frame) serve(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	w.Header().Set("Cache-Control", "no-store")
	templ.Handler(c, templ.WithStatus(status), templ.WithErrorHandler(func(r *http.Request, err error) http.Handler {
		f.log.Error("page failed", "path", r.URL.Path, "err", err)
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "the page could not be made", http.StatusInternalServerError)
		})
	})).ServeHTTP(w, r)
}

// IsHTMX tells whether htmx made the request.
func IsHTMX(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// Toast answers a POST made by htmx with a passing message. kind is "ok",
// "warn" or "bad".
func (f *Frame) Toast(w http.ResponseWriter, r *http.Request, kind, text string) {
	f.toast(w, r, http.StatusOK, kind, text)
}

// toast adds a message to the page that htmx asked from, wherever the form was
// aimed at.
func (f *Frame) toast(w http.ResponseWriter, r *http.Request, status int, kind, text string) {
	w.Header().Set("HX-Retarget", "#kg-toasts")
	w.Header().Set("HX-Reswap", "beforeend")
	f.serve(w, r, status, component.Toast(kind, text))
}
