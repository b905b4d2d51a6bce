package terminal

import (
	"net/http"

	"kubergarten/ui/frame"
)

// Deps is what the page needs.
type Deps struct {
	Terminals *Terminals
}

// Scripts are the static modules of a page that holds a Panel.
func Scripts() []string { return []string{"terminal-page.js"} }

// Styles are the style sheets of a page that holds a Panel.
func Styles() []string { return []string{"terminal-page.css"} }

// Routes hangs the page, the tickets and the socket into mux.
func Routes(mux *http.ServeMux, f *frame.Frame, _ Deps) {
	mux.HandleFunc("GET /terminal", func(w http.ResponseWriter, r *http.Request) {
		f.Page(w, r, frame.Page{
			Title: frame.T(r.Context(), "terminal.title"), Nav: "terminal",
			Scripts: Scripts(), Styles: Styles(), Body: page(),
		})
	})
}
