package registry

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
	"kubergarten/engine/registry/allocator"
	"kubergarten/engine/storage"
)

// Config says what a Registry is made of.
type Config struct {
	// Storage is what all stores share: KV, Prefix, Clock, Trace and Log. The
	// rest of it is filled in for each resource.
	Storage     storage.Config
	ServiceCIDR netip.Prefix      // of cluster IPs; 10.96.0.0/12 if not set
	NodePorts   utilnet.PortRange // 30000-32767 if not set
	EventTTL    time.Duration     // one hour if not set
	Tokens      TokenIssuer       // serves serviceaccounts/token; nil: nobody does
	Escalation  Escalation        // guards roles and bindings; nil: nobody does
	Random      func(n int) int   // a number below n; math/rand if not set
}

// complete returns c with upstream's defaults.
func (c Config) complete() Config {
	if !c.ServiceCIDR.IsValid() {
		c.ServiceCIDR = netip.MustParsePrefix("10.96.0.0/12")
	}
	if c.NodePorts.Size == 0 {
		c.NodePorts = utilnet.PortRange{Base: 30000, Size: 2768}
	}
	if c.EventTTL == 0 {
		c.EventTTL = time.Hour
	}
	if c.Random == nil {
		c.Random = rand.IntN
	}
	return c
}

// A Registry serves every resource of the API.
type Registry struct {
	cfg     Config
	objects []*storage.Store
	stores  map[schema.GroupResource]*Store // by stored resource
	served  map[place]rest.Storage
	alloc   *allocations
	ready   chan struct{}
}

// place is where something is served.
type place struct {
	schema.GroupVersionResource
	subresource string
}

// New returns a registry over the stores that cfg describes. It serves what
// Resources lists, as soon as Run runs.
func New(cfg Config) (*Registry, error) {
	r := &Registry{
		cfg: cfg.complete(), stores: map[schema.GroupResource]*Store{},
		served: map[place]rest.Storage{}, ready: make(chan struct{}),
	}
	all := kinds()
	for _, res := range api.Resources() {
		if err := r.add(res, all[res.GroupResource()]); err != nil {
			return nil, fmt.Errorf("registry: %w", err)
		}
	}
	if err := r.addServices(); err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	r.addPods()
	r.addAccounts()
	r.addRoles()
	return r, nil
}

// add opens the store of res, and serves res and its views of the object.
func (r *Registry) add(res api.Resource, k kind) error {
	if res.Prefix == "" {
		return nil // answered, not stored
	}
	if twin := r.storedAt(res.Prefix); twin != nil {
		r.served[place{res.GVR(), ""}] = twinREST{twin, res}
		return nil
	}
	if k.rules.Create == nil {
		return fmt.Errorf("no strategy for %s", res.GroupResource())
	}
	objects, err := storage.New(r.storage(res))
	if err != nil {
		return err
	}
	s := &Store{resource: res, objects: objects, clock: r.cfg.Storage.Clock, returnsDeleted: k.returnsDeleted}
	s.strategy = k.strategy
	s.strategy.namespaced = res.Namespaced
	r.objects = append(r.objects, objects)
	r.stores[res.GroupResource()] = s
	r.served[place{res.GVR(), ""}] = s
	for name, st := range k.views {
		r.served[place{res.GVR(), name}] = view(s.sub(st))
	}
	if _, ok := res.Sub("scale"); ok {
		r.served[place{res.GVR(), "scale"}] = scaleREST{s}
	}
	return nil
}

// storedAt returns the store that is already there, or nil.
func (r *Registry) storedAt(prefix string) *Store {
	for _, s := range r.stores {
		if s.resource.Prefix == prefix {
			return s
		}
	}
	return nil
}

// storage is the configuration of the store of res.
func (r *Registry) storage(res api.Resource) storage.Config {
	c := r.cfg.Storage
	c.Resource, c.ResourcePrefix, c.Namespaced = res.GroupResource(), strings.TrimPrefix(res.Prefix, "/"), res.Namespaced
	c.Codec = api.StorageCodec(res.GVK().GroupVersion())
	c.NewFunc, c.NewListFunc, c.GetAttrs = res.New, res.NewList, res.Attrs
	if res.GroupResource() == (schema.GroupResource{Resource: "events"}) {
		c.TTL = func(runtime.Object) time.Duration { return r.cfg.EventTTL }
	}
	return c
}

// addServices makes services take cluster IPs and node ports.
func (r *Registry) addServices() error {
	ips, err := allocator.NewIPs(r.cfg.ServiceCIDR, r.cfg.Random)
	if err != nil {
		return err
	}
	r.alloc = &allocations{
		ips: ips, ports: allocator.NewPorts(r.cfg.NodePorts, r.cfg.Random),
		endpoints: r.core("endpoints"), log: r.cfg.Storage.Log, ready: make(chan struct{}),
	}
	s := r.core("services")
	s.gone = r.alloc.gone // also of a status update that takes the last finalizer
	r.served[core("services", "status")] = view(s.sub(serviceStatusStrategy()))
	s.begin = r.alloc.begin
	return nil
}

// addPods serves what is more than a view of a pod.
func (r *Registry) addPods() {
	pods, b := r.core("pods"), bindingREST{r.core("pods")}
	r.served[core("pods", "binding")] = b
	r.served[core("bindings", "")] = legacyBindingREST{b}
	r.served[core("pods", "eviction")] = evictionREST{pods, pods.sub(podStatusStrategy())}
	r.served[core("namespaces", "")] = namespaceREST{r.core("namespaces")}
}

func (r *Registry) addAccounts() {
	if r.cfg.Tokens == nil {
		return
	}
	r.served[core("serviceaccounts", "token")] = tokenREST{
		accounts: r.core("serviceaccounts"), pods: r.core("pods"), nodes: r.core("nodes"), secrets: r.core("secrets"), issuer: r.cfg.Tokens,
	}
}

// core returns the store of a resource of the core group.
func (r *Registry) core(resource string) *Store {
	return r.stores[schema.GroupResource{Resource: resource}]
}

func core(resource, subresource string) place {
	return place{schema.GroupVersionResource{Version: "v1", Resource: resource}, subresource}
}

// Run keeps the watch caches up to date until ctx is done.
func (r *Registry) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, o := range r.objects {
		g.Go(func() error { return o.Run(ctx) })
	}
	g.Go(func() error { return r.prepare(ctx) })
	return g.Wait()
}

// prepare waits for the caches, and reads from the services what they hold.
func (r *Registry) prepare(ctx context.Context) error {
	for _, o := range r.objects {
		select {
		case <-o.Ready():
		case <-ctx.Done():
			return nil
		}
	}
	if err := r.alloc.repair(ctx, r.core("services").objects); err != nil {
		return err
	}
	close(r.ready)
	return nil
}

// Ready is closed when every resource can be read, written and watched.
func (r *Registry) Ready() <-chan struct{} { return r.ready }

// Storage returns what serves gvr, or its subresource. The value implements
// those interfaces of k8s.io/apiserver/pkg/registry/rest that the verbs need.
func (r *Registry) Storage(gvr schema.GroupVersionResource, subresource string) (rest.Storage, bool) {
	s, ok := r.served[place{gvr, subresource}]
	return s, ok
}
