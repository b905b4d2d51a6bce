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
	Clock clock.WithTickerAndDelayedExecution
	Log   *slog.Logger
}

// A Frame holds pages in the layout.
type Frame struct {
	clock clock.WithTickerAndDelayedExecution
	log   *slog.Logger

	mu      sync.RWMutex
	sources map[string]Source
}

// New returns a frame without pages.
func New(c Config) *Frame {
	return &Frame{clock: c.Clock, log: c.Log, sources: map[string]Source{}}
}

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

func (f *Frame) render(w http.ResponseWriter, r *http.Request, status int, p Page) {
	v := From(r.Context())
	layout := component.Layout(component.Outline{
		Title: p.Title, Nav: p.Nav, Live: p.Live, Scripts: p.Scripts, Styles: p.Styles,
		Lang: v.Lang, Theme: v.Theme, User: v.User.GetName(), Body: p.Body,
	})
	templ.Handler(layout, templ.WithStatus(status)).ServeHTTP(w, r)
}

// Fail answers with one clear sentence: in the layout, or as a toast to htmx.
func (f *Frame) Fail(w http.ResponseWriter, r *http.Request, status int, err error) {
	if r.Header.Get("HX-Request") == "true" {
		f.toast(w, r, status, "bad", err.Error())
		return
	}
	f.render(w, r, status, Page{Title: http.StatusText(status), Body: component.Empty(http.StatusText(status), err.Error())})
}

// Toast answers a POST made by htmx with a passing message. kind is "ok",
// "warn" or "bad".
func (f *Frame) Toast(w http.ResponseWriter, r *http.Request, kind, text string) {
	f.toast(w, r, http.StatusOK, kind, text)
}

func (f *Frame) toast(w http.ResponseWriter, r *http.Request, status int, kind, text string) {
	templ.Handler(component.Toast(kind, text), templ.WithStatus(status)).ServeHTTP(w, r)
}
