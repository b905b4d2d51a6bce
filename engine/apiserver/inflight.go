package apiserver

// Upstream: k8s.io/apiserver pkg/server/filters/maxinflight.go

import (
	"net/http"
	"slices"

	"k8s.io/apiserver/pkg/authentication/user"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
)

// limited refuses requests beyond the limits, which are apart for reading and
// writing, so that a flood of the one leaves room for the other.
func (s *Server) limited(next http.Handler) http.Handler {
	reads, writes := make(chan struct{}, s.cfg.MaxRequestsInflight), make(chan struct{}, s.cfg.MaxMutatingRequestsInflight)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := infoOf(r)
		if longRunning(info) {
			next.ServeHTTP(w, r)
			return
		}
		seats, kind := writes, "mutating"
		if slices.Contains([]string{"get", "list", "watch"}, info.Verb) {
			seats, kind = reads, "readOnly"
		}
		select {
		case seats <- struct{}{}:
			busy := s.metrics.inflight.WithLabelValues(kind)
			busy.Inc()
			defer func() { busy.Dec(); <-seats }()
		default:
			if !privileged(r) {
				w.Header().Set("Retry-After", "1")
				http.Error(w, "Too many requests, please try again later.", http.StatusTooManyRequests)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// privileged reports whether the user always gets an answer.
func privileged(r *http.Request) bool {
	u, ok := genericrequest.UserFrom(r.Context())
	return ok && slices.Contains(u.GetGroups(), user.SystemPrivilegedGroup)
}
