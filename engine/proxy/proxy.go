package proxy

// Upstream: cmd/kube-proxy/app/server.go

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kube-proxy/config/v1alpha1"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
	"kubergarten/engine/network"
	"kubergarten/engine/trace"
)

// Name is what kube-proxy calls itself everywhere.
const Name = "kube-proxy"

// selector leaves out Services that are headless or some other proxy's.
const selector = "!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name"

// version is the Kubernetes whose kube-proxy this is.
const version = "v1.36.3"

// A Config says how a Proxy works.
type Config struct {
	NodeName string // the host's name; configuration and flags may override it
	Proxy    *v1alpha1.KubeProxyConfiguration
}

// Deps are what a Proxy needs from its surroundings.
type Deps struct {
	API    client.Interface
	Table  Table                                      // of its node
	Listen func(netip.AddrPort) (net.Listener, error) // on its node
	Clock  clock.Clock
	Log    *slog.Logger
	Trace  *trace.Recorder // may be nil
}

// A Proxy is kube-proxy on one node.
type Proxy struct {
	cfg  *v1alpha1.KubeProxyConfiguration
	node string
	Deps

	informers *client.Informers
	services  client.Informer[*corev1.Service]
	slices    client.Informer[*discoveryv1.EndpointSlice]
	nodes     client.Informer[*corev1.Node]
	events    *client.Events // while Run runs
	dirt      *dirt
	health    *health
	proxier   *proxier
}

// New returns a kube-proxy that does nothing yet.
func New(cfg Config, deps Deps) (*Proxy, error) {
	if cfg.Proxy == nil {
		var err error
		if cfg.Proxy, err = (Flags{}).Load(nil); err != nil {
			return nil, err
		}
	}
	p := &Proxy{cfg: cfg.Proxy, node: orElse(cfg.Proxy.HostnameOverride, cfg.NodeName), Deps: deps, dirt: newDirt()}
	if p.node == "" || p.API == nil || p.Table == nil || p.Listen == nil || p.Clock == nil || p.Log == nil {
		return nil, errors.New("kube-proxy: node name, API, table, listen, clock and log are required")
	}
	p.health = &health{clock: p.Clock, node: p.self}
	p.proxier = newProxier(p.Clock, p.cfg.IPTables.MasqueradeAll)
	p.informers = client.NewInformers(p.API)
	ours := metav1.ListOptions{LabelSelector: selector}
	p.services = client.InformerFor[*corev1.Service](p.informers, ours)
	p.slices = client.InformerFor[*discoveryv1.EndpointSlice](p.informers, ours)
	p.nodes = client.InformerFor[*corev1.Node](p.informers, metav1.ListOptions{FieldSelector: "metadata.name=" + p.node})
	return p, p.follow()
}

// Name is "kube-proxy".
func (p *Proxy) Name() string { return Name }

// Run keeps the node's table right until ctx is done.
func (p *Proxy) Run(ctx context.Context) error {
	p.Log.Info("Version info", "version", version)
	p.Log.Info("Using iptables proxy")
	p.events = client.NewEvents(p.API, Name, p.node)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return p.informers.Run(ctx) })
	g.Go(func() error { return p.events.Run(ctx) })
	g.Go(func() error {
		return p.serve(ctx, "Healthz server failed", "FailedToStartProxierHealthcheck", p.cfg.HealthzBindAddress, p.health.handler())
	})
	g.Go(func() error {
		return p.serve(ctx, "starting metrics server failed", "FailedToStartMetricServer", p.cfg.MetricsBindAddress, metricsHandler())
	})
	g.Go(func() error { return p.work(ctx) })
	return g.Wait()
}

// work waits for the first lists, writes all rules, hands the table to the
// node, and then follows the changes.
func (p *Proxy) work(ctx context.Context) error {
	p.Log.Info("Starting service config controller")
	p.Log.Info("Starting endpoint slice config controller")
	p.Log.Info("Starting node config controller")
	if p.informers.Synced(ctx) != nil {
		return nil // asked to stop
	}
	p.Log.Info("Caches are synced", "services", len(p.services.List("", nil)), "endpointSlices", len(p.slices.List("", nil)))
	p.events.Event(p.ref(), corev1.EventTypeNormal, "Starting", "")
	p.greet()
	for _, s := range p.services.List("", nil) { // handlers may still be behind the lists
		p.dirt.add(s.Namespace+"/"+s.Name, false)
	}
	p.sync()
	p.Table.SetServices(p.proxier.table)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.dirt.wake:
			p.sync()
		}
	}
}

// greet says what node this is.
func (p *Proxy) greet() {
	h := newHost(p.node, p.self(), p.cfg)
	if len(h.own) == 0 {
		p.Log.Info("Can't determine this node's IP, assuming loopback; if this is incorrect, please set the --bind-address flag")
		return
	}
	p.Log.Info("Successfully retrieved NodeIPs", "NodeIPs", h.own)
	p.Log.Info("kube-proxy running in single-stack mode", "ipFamily", "IPv4")
}

// sync writes the rules of all dirty Services in one step.
func (p *Proxy) sync() {
	keys, all := p.dirt.take()
	for key := range p.proxier.written {
		if all {
			keys[key] = true
		}
	}
	h, out := newHost(p.node, p.self(), p.cfg), change{}
	var changed []string
	for key := range keys {
		svc, _ := p.services.ByKey(key)
		if p.proxier.sync(key, svc, p.slices.Indexed(bySvc, key), h, all, out) {
			changed = append(changed, key)
		}
	}
	p.proxier.table.Update(out)
	p.health.done()
	p.tell(changed, out)
}

// tell writes down what a pass changed.
func (p *Proxy) tell(keys []string, out change) {
	if len(keys) == 0 {
		return
	}
	p.Log.Info("Reloading service iptables data", "services", len(keys), "changed", len(out), "total", p.proxier.table.Len())
	for _, key := range keys {
		p.Trace.Emit(trace.Record{
			Who: Name, Node: p.node, Step: trace.Programmed, Object: ref(key),
			Words: p.proxier.words(key),
		})
	}
}

var _ Table = (*network.Node)(nil)
