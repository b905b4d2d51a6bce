package overview

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	stats "k8s.io/kubelet/pkg/apis/stats/v1alpha1"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/client"
	"kubergarten/ui/frame"
)

// every is how often the nodes are asked what they use, while somebody looks: a
// measurement has no watch. metrics-server asks each 15 seconds.
const every = 10 * time.Second

// largest is how long a node's answer may be.
const largest = 4 << 20

// A use is what the programs in a node's pods use.
type use struct {
	Cores, Bytes float64
}

// A meter asks the kubelets, through the API server as the visitor, what their
// nodes use.
type meter struct {
	api  client.Interface
	web  *http.Client
	host *url.URL

	mu  sync.Mutex
	now map[string]use // by node, as of the last round
}

// newMeter returns a meter that has not asked yet, or nil if there is no way to
// the API server.
func newMeter(who *frame.Visitor) *meter {
	if who.REST == nil {
		return nil
	}
	web, err := rest.HTTPClientFor(who.REST)
	if err != nil {
		return nil
	}
	host, _, err := rest.DefaultServerUrlFor(who.REST)
	if err != nil {
		return nil
	}
	return &meter{api: who.API, web: web, host: host}
}

// read is what was last measured, by node.
func (m *meter) read() map[string]use {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// run asks again and again until ctx ends, and tells when something differs.
func (m *meter) run(ctx context.Context, d Deps, changed func()) {
	if m == nil {
		return
	}
	tick := d.Clock.NewTicker(every)
	defer tick.Stop()
	for {
		if m.measure(ctx) {
			changed()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C():
		}
	}
}

// measure asks each node once. One that does not answer, or that the visitor
// may not ask, is left out.
func (m *meter) measure(ctx context.Context) (differs bool) {
	nodes, err := client.For[*corev1.Node](m.api).List(ctx, "", metav1.ListOptions{})
	if err != nil {
		return false
	}
	now := map[string]use{}
	for _, n := range nodes {
		if u, err := m.ask(ctx, n.Name); err == nil {
			now[n.Name] = u
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	differs = !maps.Equal(m.now, now)
	m.now = now
	return differs
}

// ask reads a node's summary.
func (m *meter) ask(ctx context.Context, node string) (use, error) {
	ctx, stop := context.WithTimeout(ctx, every)
	defer stop()
	at := m.host.JoinPath("/api/v1/nodes", node, "proxy/stats/summary").String()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return use{}, err
	}
	resp, err := m.web.Do(req)
	if err != nil {
		return use{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return use{}, fmt.Errorf("stats of %s: %s", node, resp.Status)
	}
	return decodeUse(io.LimitReader(resp.Body, largest))
}

// decodeUse reads the node's part of a summary; what is not known is nothing.
func decodeUse(in io.Reader) (use, error) {
	var sum stats.Summary
	if err := json.NewDecoder(in).Decode(&sum); err != nil {
		return use{}, fmt.Errorf("stats: %w", err)
	}
	var u use
	if c := sum.Node.CPU; c != nil && c.UsageNanoCores != nil {
		u.Cores = float64(*c.UsageNanoCores) / 1e9
	}
	if m := sum.Node.Memory; m != nil && m.WorkingSetBytes != nil {
		u.Bytes = float64(*m.WorkingSetBytes)
	}
	return u, nil
}
