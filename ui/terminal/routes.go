package terminal

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/coder/websocket"

	"kubergarten/ui/frame"
)

// Deps is what the page needs.
type Deps struct {
	// Terminals are the shells. Somebody runs them.
	Terminals *Terminals
}

// Scripts are the static modules of a page that holds a Panel.
func Scripts() []string { return []string{"terminal-page.js"} }

// Styles are the style sheets of a page that holds a Panel.
func Styles() []string { return []string{"terminal-page.css"} }

// Routes hangs the page, the tickets and the socket into mux.
func Routes(mux *http.ServeMux, f *frame.Frame, d Deps) {
	mux.HandleFunc("GET /terminal", func(w http.ResponseWriter, r *http.Request) {
		f.Page(w, r, frame.Page{
			Title: frame.T(r.Context(), "terminal.title"), Nav: "terminal",
			Scripts: Scripts(), Styles: Styles(), Body: page(),
		})
	})
	mux.HandleFunc("POST /terminal/ticket", d.Terminals.ticket)
	mux.HandleFunc("GET /terminal/ws", d.Terminals.socket)
}

// ticket gives a page of ours what opens a socket, once. A page that was loaded
// as somebody else ("as") gets none: its shells are not this visitor's.
func (t *Terminals) ticket(w http.ResponseWriter, r *http.Request) {
	if q := r.URL.Query(); q.Has("as") && q.Get("as") != frame.From(r.Context()).User.GetName() {
		http.Error(w, "another user is logged in now", http.StatusConflict)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	text := t.tickets.give(bearerOf(frame.From(r.Context())))
	_ = json.NewEncoder(w).Encode(map[string]string{"ticket": text})
}

// socket is the WebSocket. What the guards in front of it let through is held
// once more to its Origin.
func (t *Terminals) socket(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		t.cfg.Log.Debug("terminal: no socket", "err", err)
		return
	}
	ctx := r.Context()
	why := t.serve(ctx, conn, frame.From(ctx))
	var failed failure
	if errors.As(why, &failed) && ctx.Err() == nil && !errors.Is(why, errOver) {
		t.cfg.Log.Info("terminal: no shell", "user", frame.From(ctx).User.GetName(), "err", failed.error)
		say, _ := json.Marshal(telling{Type: kindFailed, Say: sentence(ctx, failed.error)}) // a struct of strings
		_ = conn.Write(context.WithoutCancel(ctx), websocket.MessageText, say)
	}
	t.close(ctx, conn, why)
}
