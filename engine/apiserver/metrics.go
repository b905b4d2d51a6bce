package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/metrics

import (
	"bufio"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

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
	inflight    *prometheus.GaugeVec
	seconds     *prometheus.HistogramVec
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
		inflight: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "apiserver_current_inflight_requests",
			Help: "[STABLE] Maximal number of currently used inflight request limit of this apiserver per request kind in last second.",
		}, []string{"request_kind"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "apiserver_request_duration_seconds",
			Help:    "[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.",
			Buckets: []float64{0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60},
		}, []string{"component", "dry_run", "group", "resource", "scope", "subresource", "verb", "version"}),
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(m.requests, m.longRunning, m.inflight, m.seconds)
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
		info, begun := infoOf(r), time.Now() // real time, also when the cluster's runs faster
		defer func() {
			took := time.Since(begun)
			s.count(r, info, c.code, took)
			s.log.DebugContext(r.Context(), "HTTP", "verb", verbLabel(info.Verb), "URI", r.RequestURI, "latency", took, "userAgent", r.UserAgent(), "srcIP", r.RemoteAddr, "resp", c.code)
		}()
		next.ServeHTTP(c, r)
	})
}

func (s *Server) count(r *http.Request, info *genericrequest.RequestInfo, code int, took time.Duration) {
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
	if !longRunning(info) {
		s.metrics.seconds.WithLabelValues(labels[1:]...).Observe(took.Seconds())
	}
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
