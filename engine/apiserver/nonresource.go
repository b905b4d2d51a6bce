package apiserver

import (
	"net/http"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"kubergarten/engine/api"
)

// others finds who answers a path that is not about a resource.
func (s *Server) others(path string) (http.HandlerFunc, bool) {
	if h, ok := s.deps.Paths[path]; ok {
		return h.ServeHTTP, true
	}
	p := strings.Trim(path, "/")
	first, rest, _ := strings.Cut(p, "/")
	switch first {
	case "", "index.html":
		return s.serveIndex, rest == ""
	case "api", "apis":
		return s.discovery(first, rest)
	case "openapi":
		return openAPI(rest)
	case "version":
		return s.serveVersion, rest == ""
	case "metrics":
		return s.metrics.ServeHTTP, rest == ""
	case "healthz", "livez", "readyz":
		return s.health(first, rest)
	}
	return nil, false
}

// serveIndex lists the paths there are.
func (s *Server) serveIndex(w http.ResponseWriter, r *http.Request) {
	paths := []string{"/api", "/api/v1", "/apis", "/apis/", "/metrics", "/openapi/v3", "/openapi/v3/", "/version"}
	for _, r := range api.Resources() {
		if r.Group != "" {
			paths = append(paths, "/apis/"+r.Group, "/apis/"+schema.GroupVersion{Group: r.Group, Version: r.Version}.String())
		}
	}
	for _, kind := range []string{"healthz", "livez", "readyz"} {
		paths = append(paths, "/"+kind)
		for _, c := range s.checks(kind) {
			paths = append(paths, "/"+kind+"/"+c.name)
		}
	}
	for p := range s.deps.Paths {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	writeJSON(w, r, http.StatusOK, metav1.RootPaths{Paths: slices.Compact(paths)})
}
