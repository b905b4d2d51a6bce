package apiserver

// Upstream: k8s.io/apiserver pkg/server/healthz

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A check is one line of /healthz?verbose.
type check struct {
	name string
	run  func(context.Context) error
}

func (s *Server) checks(kind string) []check {
	healthy := func(context.Context) error { return nil }
	all := []check{{"ping", healthy}, {"log", healthy}}
	if s.deps.Etcd != nil {
		all = append(all, check{"etcd", s.deps.Etcd})
	}
	if kind == "readyz" && s.deps.Etcd != nil {
		all = append(all, check{"etcd-readiness", s.deps.Etcd})
	}
	for _, h := range s.hooks() {
		all = append(all, check{"poststarthook/" + h.name, s.hookDone(h.name)})
	}
	if kind == "readyz" {
		all = append(all, check{"shutdown", s.notStopping})
	}
	return all
}

func (s *Server) notStopping(context.Context) error {
	select {
	case <-s.stopping:
		return errors.New("process is shutting down")
	default:
		return nil
	}
}

// health answers /healthz, /livez, /readyz and below.
func (s *Server) health(kind, name string) (http.HandlerFunc, bool) {
	all := s.checks(kind)
	if name == "" {
		return func(w http.ResponseWriter, r *http.Request) { s.serveHealth(w, r, kind, all) }, true
	}
	i := slices.IndexFunc(all, func(c check) bool { return c.name == name })
	if i < 0 {
		return nil, false
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if err := all[i].run(r.Context()); err != nil {
			http.Error(w, fmt.Sprintf("internal server error: %v", err), http.StatusInternalServerError)
			return
		}
		_, _ = fmt.Fprint(w, "ok")
	}, true
}

// serveHealth runs all checks; what is wrong is told only in the log.
func (s *Server) serveHealth(w http.ResponseWriter, r *http.Request, kind string, all []check) {
	var lines strings.Builder
	unknown, failed := r.URL.Query()["exclude"], false
	for _, c := range all {
		switch i := slices.Index(unknown, c.name); {
		case i >= 0:
			unknown = slices.Delete(unknown, i, i+1)
			fmt.Fprintf(&lines, "[+]%s excluded: ok\n", c.name)
		default:
			if err := c.run(r.Context()); err != nil {
				failed = true
				fmt.Fprintf(&lines, "[-]%s failed: reason withheld\n", c.name)
				s.log.ErrorContext(r.Context(), "health check failed", "path", kind, "check", c.name, "err", err)
				continue
			}
			fmt.Fprintf(&lines, "[+]%s ok\n", c.name)
		}
	}
	if len(unknown) > 0 {
		fmt.Fprintf(&lines, "warn: some health checks cannot be excluded: no matches for %s\n", quoted(unknown))
	}
	if failed {
		http.Error(w, fmt.Sprintf("%s%s check failed", lines.String(), kind), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if !r.URL.Query().Has("verbose") {
		_, _ = fmt.Fprint(w, "ok")
		return
	}
	_, _ = fmt.Fprintf(w, "%s%s check passed\n", lines.String(), kind)
}

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(out, ",")
}
