package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/filters/authentication.go

import (
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"

	"kubergarten/engine/trace"
)

// authenticated finds out who asks. Cookies are never looked at.
func (s *Server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := s.who(r)
		if who == nil {
			closeHTTP2(w, r)
			writeError(w, r, apierrors.NewUnauthorized("Unauthorized"))
			return
		}
		if who.GetName() == user.Anonymous {
			closeHTTP2(w, r)
		}
		r.Header.Del("Authorization")
		clearRemoteUser(r.Header)
		if info := infoOf(r); info.IsResourceRequest && isWrite(info.Verb) {
			s.emit(r, trace.Authenticated, who.GetName())
		}
		next.ServeHTTP(w, r.WithContext(genericrequest.WithUser(r.Context(), who)))
	})
}

// who returns the user, or nil.
func (s *Server) who(r *http.Request) user.Info {
	if len(s.cfg.Audiences) > 0 {
		r = r.WithContext(authenticator.WithAudiences(r.Context(), s.cfg.Audiences))
	}
	resp, ok, err := s.deps.Authenticator.AuthenticateRequest(r)
	switch {
	case err != nil:
		s.log.ErrorContext(r.Context(), "Unable to authenticate the request", "err", err)
		return nil
	case ok && s.meantForUs(resp.Audiences):
		return resp.User
	case !ok && !s.cfg.NoAnonymous && isPublic(r.URL.Path):
		return &user.DefaultInfo{Name: user.Anonymous, Groups: []string{user.AllUnauthenticated}}
	}
	return nil
}

func (s *Server) meantForUs(auds authenticator.Audiences) bool {
	return len(s.cfg.Audiences) == 0 || len(auds) == 0 || len(authenticator.Audiences(s.cfg.Audiences).Intersect(auds)) > 0
}

// isPublic reports whether the path may be asked for anonymously, as far as
// roles allow.
func isPublic(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "healthz", "livez", "readyz":
		return true
	}
	return path == "/version" || path == "/version/"
}

// closeHTTP2 lets nobody unknown keep an HTTP/2 connection, which is dear.
func closeHTTP2(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 2 {
		w.Header().Set("Connection", "close")
	}
}

// clearRemoteUser drops what only a front proxy may say.
func clearRemoteUser(h http.Header) {
	for name := range h {
		if n := strings.ToLower(name); n == "x-remote-user" || n == "x-remote-uid" || n == "x-remote-group" || strings.HasPrefix(n, "x-remote-extra-") {
			h.Del(name)
		}
	}
}

// emit records a station of an HTTP request that has not met its endpoint yet.
func (s *Server) emit(r *http.Request, step trace.Step, words string) {
	info := infoOf(r)
	if info.Resource == "leases" || info.Resource == "events" {
		return
	}
	s.deps.Trace.Emit(trace.Record{
		Who: Name, Step: step, Words: words,
		Object: trace.Ref{Resource: info.Resource, Namespace: info.Namespace, Name: info.Name},
	})
}
