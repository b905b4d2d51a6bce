package ui

import (
	"crypto/rand"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/a-h/templ"

	"kubergarten/ui/text"
)

// largest is how much a request may carry, as much as the API server takes.
const largest = 3 << 20

// guard puts the guards in front of next, the outermost first.
func (s *Server) guard(next http.Handler) http.Handler {
	return s.survive(headers(s.speak(s.names(s.origin(s.visit(next))))))
}

// survive turns a panic into an answer: a page's mistake is one visitor's.
func (s *Server) survive(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.log.Error("page panicked", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			http.Error(w, "internal error", http.StatusInternalServerError)
		}()
		r.Body = http.MaxBytesReader(w, r.Body, largest)
		next.ServeHTTP(w, r)
	})
}

// headers sets what keeps a page's content inert, and the nonce of its scripts.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nonce := rand.Text()
		h := w.Header()
		h.Set("Content-Security-Policy", policy(nonce))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), usb=(), payment=()")
		next.ServeHTTP(w, r.WithContext(templ.WithNonce(r.Context(), nonce)))
	})
}

func policy(nonce string) string {
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self' 'nonce-" + nonce + "'", "style-src 'self' 'nonce-" + nonce + "'",
		"img-src 'self' data:", "connect-src 'self'", "font-src 'self'", "form-action 'self'",
		"base-uri 'none'", "frame-ancestors 'none'",
	}, "; ")
}

// names refuses a request for another host than ours: a page elsewhere whose
// name was made to resolve to this address (DNS rebinding).
func (s *Server) names(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.hosts[r.Host] {
			http.Error(w, text.T(r.Context(), "fail.host"), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// origin refuses what changes something, or opens a WebSocket, from elsewhere.
// An Origin is required. "null" is what browsers send with a form when the page
// gives no referrer; then only Sec-Fetch-Site, which no script can set, tells
// that the form is ours.
func (s *Server) origin(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		safe := r.Method == http.MethodGet || r.Method == http.MethodHead
		if (!safe && (cross.Check(r) != nil || !ours(r))) || (r.Header.Get("Upgrade") != "" && !ours(r)) {
			http.Error(w, text.T(r.Context(), "fail.refused"), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ours tells whether a page of this server made the request.
func ours(r *http.Request) bool {
	switch r.Header.Get("Origin") {
	case scheme(r) + "://" + r.Host:
		site := r.Header.Get("Sec-Fetch-Site")
		return site == "" || site == "same-origin"
	case "null":
		return r.Header.Get("Sec-Fetch-Site") == "same-origin"
	}
	return false
}

func scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}
