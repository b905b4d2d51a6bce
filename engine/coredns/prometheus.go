package coredns

// Upstream: plugin/metrics

import (
	"context"
	"runtime"
	"time"

	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kubergarten/engine/clock"
)

// metrics are the counters of one instance.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	responses *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	panics    prometheus.Counter
}

func newMetrics() *metrics {
	dnsOpts := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "coredns", Subsystem: "dns", Name: name, Help: help}
	}
	m := &metrics{
		registry:  prometheus.NewRegistry(),
		requests:  prometheus.NewCounterVec(dnsOpts("requests_total", "Counter of DNS requests made per zone, protocol and family."), []string{"server", "zone", "view", "proto", "family", "type"}),
		responses: prometheus.NewCounterVec(dnsOpts("responses_total", "Counter of response status codes."), []string{"server", "zone", "view", "rcode", "plugin"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "coredns", Subsystem: "dns", Name: "request_duration_seconds",
			Buckets: prometheus.ExponentialBuckets(0.00025, 2, 16), Help: "Histogram of the time (in seconds) each request took per zone.",
		}, []string{"server", "zone", "view"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "coredns", Name: "panics_total", Help: "A metrics that counts the number of panics."}),
	}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "coredns", Name: "build_info", Help: "A metric with a constant '1' value labeled by version, revision, and goversion from which CoreDNS was built."}, []string{"version", "revision", "goversion"})
	info.WithLabelValues(version, "", runtime.Version()).Set(1)
	m.registry.MustRegister(m.requests, m.responses, m.duration, m.panics, info)
	return m
}

// panicked is fine on nil.
func (m *metrics) panicked() {
	if m != nil {
		m.panics.Inc()
	}
}

// counter counts what goes by.
type counter struct {
	*metrics
	clock  clock.Clock
	zones  zones
	server string
	next   Handler
}

func setupPrometheus(c *controller) error {
	addr, err := c.address("localhost:9153")
	if err != nil {
		return err
	}
	in := c.inst
	if in.metrics == nil { // one for all blocks
		in.metrics = newMetrics()
		h := promhttp.HandlerFor(in.metrics.registry, promhttp.HandlerOpts{})
		in.tasks = append(in.tasks, func(ctx context.Context) error { return in.web(ctx, addr, h) })
	}
	c.add(func(next Handler) Handler {
		return &counter{in.metrics, in.Clock, c.block.zones, "dns://:" + in.port, next}
	})
	return nil
}

func (m *counter) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	start := m.clock.Now()
	rec := &recorder{ResponseWriter: w}
	code, err := next(ctx, "prometheus", m.next, rec, r)
	result := code
	if rec.msg != nil {
		result = rec.msg.Rcode
	}
	m.count(w, r.Question[0], result, m.clock.Since(start))
	return code, err
}

func (m *counter) count(w dns.ResponseWriter, q dns.Question, code int, took time.Duration) {
	zone := m.zones.match(dns.CanonicalName(q.Name))
	if zone == "" {
		zone = "dropped"
	}
	m.requests.WithLabelValues(m.server, zone, "", proto(w), "1", knownType(q.Qtype)).Inc()
	m.responses.WithLabelValues(m.server, zone, "", dns.RcodeToString[code], "").Inc()
	m.duration.WithLabelValues(m.server, zone, "").Observe(took.Seconds())
}

// knownType keeps clients from making new label values as they like.
func knownType(t uint16) string {
	switch t {
	case dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeSOA, dns.TypeCNAME, dns.TypePTR, dns.TypeTXT, dns.TypeNS, dns.TypeSRV, dns.TypeHTTPS, dns.TypeSVCB, dns.TypeANY:
		return typeName(t)
	}
	return "other"
}
