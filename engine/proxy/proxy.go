package proxy

// Upstream: cmd/kube-proxy/app/server.go

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
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

// bySvc is the index of EndpointSlices by their Service's key.
const bySvc = "service"

func serviceKey(s *discoveryv1.EndpointSlice) string {
	return s.Namespace + "/" + s.Labels[discoveryv1.LabelServiceName]
}

// follow makes changes mark what they concern as dirty.
func (p *Proxy) follow() error {
	mark := func(key string, all bool) { p.health.queue(); p.dirt.add(key, all) }
	onSvc := func(s *corev1.Service) { mark(s.Namespace+"/"+s.Name, false) }
	onSlice := func(s *discoveryv1.EndpointSlice) { mark(serviceKey(s), false) }
	err := p.slices.AddIndex(bySvc, func(s *discoveryv1.EndpointSlice) []string { return []string{serviceKey(s)} })
	_, err1 := p.services.OnChange(client.Handler[*corev1.Service]{
		Add: onSvc, Update: func(_, s *corev1.Service) { onSvc(s) }, Delete: onSvc,
	})
	_, err2 := p.slices.OnChange(client.Handler[*discoveryv1.EndpointSlice]{
		Add: onSlice, Update: func(old, s *discoveryv1.EndpointSlice) { onSlice(old); onSlice(s) }, Delete: onSlice,
	})
	_, err3 := p.nodes.OnChange(client.Handler[*corev1.Node]{
		Add:    func(*corev1.Node) { mark("", true) },
		Update: func(old, n *corev1.Node) { p.nodeChanged(old, n, mark) },
	})
	return errors.Join(err, err1, err2, err3)
}

// nodeChanged forces all rules only if something changed that they depend on.
func (p *Proxy) nodeChanged(old, n *corev1.Node, mark func(string, bool)) {
	if was, is := newHost(p.node, old, p.cfg), newHost(p.node, n, p.cfg); !was.equal(is) {
		mark("", true)
	}
}

func (p *Proxy) self() *corev1.Node {
	n, ok := p.nodes.Get("", p.node)
	if !ok {
		return nil
	}
	return n
}

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

// serve serves h at address on the node. That it cannot is an error only if
// the configuration says so.
func (p *Proxy) serve(ctx context.Context, failed, reason, address string, h http.Handler) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s: %w", failed, err)
	}
	l, err := p.Listen(at)
	if err != nil && p.cfg.BindAddressHardFail {
		return fmt.Errorf("%s: %w", failed, err)
	}
	if err != nil {
		p.Log.Error(failed, "err", err)
		p.events.Event(p.ref(), corev1.EventTypeWarning, reason, err.Error())
		return nil
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second, ErrorLog: slog.NewLogLogger(p.Log.Handler(), slog.LevelWarn)}
	defer context.AfterFunc(ctx, func() { srv.Close() })()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("%s: %w", failed, err)
	}
	return nil
}

func (p *Proxy) ref() *corev1.ObjectReference {
	return &corev1.ObjectReference{APIVersion: "v1", Kind: "Node", Name: p.node, UID: types.UID(p.node)}
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
