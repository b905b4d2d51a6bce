package apiserver

// Upstream: k8s.io/apiserver pkg/server/config.go (DefaultBuildHandlerChain)

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/sets"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
)

// Handler is the server's whole HTTP side. Read it from the last line up: that
// is the way of a request.
func (s *Server) Handler() http.Handler {
	h := http.Handler(http.HandlerFunc(s.route))
	h = s.authorized(h)
	h = s.limited(h)
	h = s.impersonated(h)
	h = s.authenticated(h)
	h = s.timed(h)
	h = sameOrigin(h)
	h = warned(h)
	h = s.recovered(h)
	h = s.counted(h)
	return s.informed(h)
}

// recovered keeps the server alive when a request panics.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.log.ErrorContext(r.Context(), "apiserver panic'd", "method", r.Method, "uri", r.RequestURI, "panic", p, "stack", string(debug.Stack()))
			writeError(w, r, errPanic())
		}()
		next.ServeHTTP(w, r)
	})
}

// errPanic is what a client learns of a panic.
func errPanic() error {
	return apierrors.NewInternalError(errors.New("this request caused apiserver to panic; look in the logs for details"))
}

// informed works out what the URL is about.
func (s *Server) informed(next http.Handler) http.Handler {
	f := genericrequest.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info, err := f.NewRequestInfo(r)
		if err != nil {
			writeError(w, r, apierrors.NewBadRequest(fmt.Sprintf("failed to create RequestInfo: %v", err)))
			return
		}
		next.ServeHTTP(w, r.WithContext(genericrequest.WithRequestInfo(r.Context(), info)))
	})
}

// infoOf returns what informed found out.
func infoOf(r *http.Request) *genericrequest.RequestInfo {
	info, _ := genericrequest.RequestInfoFrom(r.Context())
	return info
}

// longRunning reports whether the request may last as long as it likes.
func longRunning(info *genericrequest.RequestInfo) bool {
	if !info.IsResourceRequest {
		return false
	}
	return info.Verb == "watch" || slices.Contains([]string{"attach", "exec", "log", "portforward", "proxy"}, info.Subresource)
}

// timed gives every request that is not long-running a deadline.
func (s *Server) timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if longRunning(infoOf(r)) {
			next.ServeHTTP(w, r)
			return
		}
		limit, err := s.timeout(r)
		if err != nil {
			writeError(w, r, err)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		if end, ok := ctx.Deadline(); ok && r.ContentLength != 0 {
			_ = http.NewResponseController(w).SetReadDeadline(end) // a body that trickles in; not all writers can
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// timeout is what the client asks for, at most the server's own.
func (s *Server) timeout(r *http.Request) (time.Duration, error) {
	asked := r.URL.Query().Get("timeout")
	if asked == "" {
		return s.cfg.RequestTimeout, nil
	}
	d, err := time.ParseDuration(asked)
	if err != nil {
		return 0, apierrors.NewBadRequest(fmt.Sprintf("invalid timeout specified in the request URL - %s", err))
	}
	if d <= 0 || d > s.cfg.RequestTimeout {
		d = s.cfg.RequestTimeout
	}
	return d, nil
}
