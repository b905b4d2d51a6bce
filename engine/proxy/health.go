package proxy

// Upstream: pkg/proxy/healthcheck/proxy_health.go

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/clock"
)

// toBeDeleted is the taint by which the cluster autoscaler marks a node.
const toBeDeleted = "ToBeDeletedByClusterAutoscaler"

// late is how long a change may wait before the proxy counts as unhealthy:
// twice the sync period, which is 30 s unless set.
const late = 60 * time.Second

// A health says whether the table follows the API, and whether load balancers
// should send traffic to this node.
type health struct {
	clock clock.Clock
	node  func() *corev1.Node

	mu      sync.Mutex
	updated time.Time
	queued  time.Time // of the oldest change not yet written; zero: none
}

func (h *health) queue() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.queued.IsZero() {
		h.queued = h.clock.Now()
	}
}

func (h *health) done() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queued, h.updated = time.Time{}, h.clock.Now()
}

// A report is the body of the answers.
type report struct {
	LastUpdated  time.Time           `json:"lastUpdated"`
	CurrentTime  time.Time           `json:"currentTime"`
	NodeEligible *bool               `json:"nodeEligible,omitempty"`
	Status       map[string]ipReport `json:"status"`
	healthy      bool
}

type ipReport struct {
	LastUpdated time.Time `json:"lastUpdated"`
	Healthy     bool      `json:"healthy"`
}

func (h *health) report() report {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.clock.Now()
	ok := h.queued.IsZero() || now.Sub(h.queued) < late
	r := report{LastUpdated: h.updated, CurrentTime: now, healthy: ok, Status: map[string]ipReport{"IPv4": {h.updated, ok}}}
	if ok {
		r.LastUpdated = now
	}
	return r
}

// eligible reports whether the node exists and is to stay.
func (h *health) eligible() bool {
	n := h.node()
	if n == nil || n.DeletionTimestamp != nil {
		return false
	}
	for _, t := range n.Spec.Taints {
		if t.Key == toBeDeleted {
			return false
		}
	}
	return true
}

// handler serves /healthz, which also asks whether the node is eligible, and
// /livez, which does not.
func (h *health) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		r, eligible := h.report(), h.eligible()
		r.NodeEligible = &eligible
		r.healthy = r.healthy && eligible
		answer(w, r)
	})
	mux.HandleFunc("/livez", func(w http.ResponseWriter, _ *http.Request) { answer(w, h.report()) })
	return mux
}

func answer(w http.ResponseWriter, r report) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if !r.healthy {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	body, err := json.Marshal(r)
	if err == nil {
		_, err = w.Write(body)
	}
	_ = err // the client has gone
}

// metricsHandler serves what kube-proxy has on its metrics address, without
// the metrics.
func metricsHandler() http.Handler {
	mux := http.NewServeMux()
	text := func(path, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write([]byte(body))
		})
	}
	text("/healthz", "ok")
	text("/proxyMode", "iptables")
	return mux
}
