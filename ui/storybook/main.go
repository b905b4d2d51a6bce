package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"time"

	"github.com/a-h/templ"

	"kubergarten/ui/component"
	"kubergarten/ui/static"
	"kubergarten/ui/text"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	addr := "127.0.0.1:8090"
	if len(os.Args) > 1 {
		addr = os.Args[1]
	}
	srv := &http.Server{Addr: addr, Handler: book(), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	fmt.Println("storybook: http://" + addr)
	if err := srv.ListenAndServe(); ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "storybook:", err)
		os.Exit(1)
	}
}

// book serves the components: /?lang=zh-CN&theme=dark. The form of the header
// leads there, and the palette is empty.
func book() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /static/{hash}/{name...}", static.NewServer())
	mux.HandleFunc("POST /preferences", func(w http.ResponseWriter, r *http.Request) {
		chosen := url.Values{"lang": {r.PostFormValue("lang")}, "theme": {r.PostFormValue("theme")}}
		http.Redirect(w, r, "/?"+chosen.Encode(), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /palette", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintln(w, "[]")
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		lang, theme := r.FormValue("lang"), r.FormValue("theme")
		if lang != text.Chinese {
			lang = text.English
		}
		w.Header().Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'")
		page := component.Layout(component.Outline{Title: "Storybook", Nav: "cluster", Lang: lang, Theme: theme, Body: stories(lang, theme)})
		templ.Handler(page).ServeHTTP(w, r.WithContext(text.With(r.Context(), lang)))
	})
	return mux
}
