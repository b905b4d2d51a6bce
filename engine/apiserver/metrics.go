package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/metrics

import (
	"bufio"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"k8s.io/apimachinery/pkg/runtime/schema"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
)

// metrics are what /metrics tells, under upstream's names.
type metrics struct {
	http.Handler
	requests    *prometheus.CounterVec
	longRunning *prometheus.GaugeVec
}

func newMetrics() *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "apiserver_request_total",
			Help: "[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.",
		}, []string{"code", "component", "dry_run", "group", "resource", "scope", "subresource", "verb", "version"}),
		longRunning: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "apiserver_longrunning_requests",
			Help: "[STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.",
		}, []string{"component", "group", "resource", "scope", "subresource", "verb", "version"}),
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(m.requests, m.longRunning)
	m.Handler = promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
	return m
}

// watching counts the watches there are.
func (m *metrics) watching(gvr schema.GroupVersionResource, by float64) {
	m.longRunning.WithLabelValues("apiserver", gvr.Group, gvr.Resource, "namespace", "", "WATCH", gvr.Version).Add(by)
}

// counted counts requests by what they were and how they ended.
func (s *Server) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &codeWriter{ResponseWriter: w, code: http.StatusOK}
		info := infoOf(r)
		defer func() { s.count(r, info, c.code) }()
		next.ServeHTTP(c, r)
	})
}

func (s *Server) count(r *http.Request, info *genericrequest.RequestInfo, code int) {
	dry := strings.Join(r.URL.Query()["dryRun"], ",")
	if dry != "" && dry != "All" {
		dry = "invalid" // labels are not for clients to fill
	}
	gvr := schema.GroupVersionResource{Group: info.APIGroup, Version: info.APIVersion, Resource: info.Resource}
	labels := []string{strconv.Itoa(code), "apiserver", dry, "", "", "", "", verbLabel(info.Verb), ""}
	if _, ok := s.serves[where{gvr, info.Subresource}]; ok {
		labels[3], labels[4], labels[5], labels[6], labels[8] = gvr.Group, gvr.Resource, scopeOf(info), info.Subresource, gvr.Version
	}
	s.metrics.requests.WithLabelValues(labels...).Inc()
}

// verbLabel is the verb, if it is one of Kubernetes' own.
func verbLabel(verb string) string {
	switch verb {
	case "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "post", "put":
		return strings.ToUpper(verb)
	}
	return "other"
}

func scopeOf(info *genericrequest.RequestInfo) string {
	switch {
	case info.Name != "":
		return "resource"
	case info.Namespace != "":
		return "namespace"
	}
	return "cluster"
}

// codeWriter remembers the status code.
type codeWriter struct {
	http.ResponseWriter
	code int
}

// WriteHeader implements http.ResponseWriter.
func (c *codeWriter) WriteHeader(code int) {
	c.code = code
	c.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController reach the connection.
func (c *codeWriter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// Flush implements http.Flusher.
func (c *codeWriter) Flush() { _ = http.NewResponseController(c.ResponseWriter).Flush() }

// Hijack implements http.Hijacker.
func (c *codeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(c.ResponseWriter).Hijack()
}
