package network

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"kubergarten/engine/clock"
	"kubergarten/engine/trace"
)

// Name is what the network calls itself in records.
const Name = "network"

// A Config says how a Fabric is made; zero values mean the defaults named.
type Config struct {
	ServiceCIDR    netip.Prefix   // no namespace may have an address in it
	NodeCIDRs      []netip.Prefix // the networks that nodes are on: 172.18.0.0/16
	ConnectTimeout time.Duration  // of cluster time: 127 s, Linux's six retries of a SYN
	MaxSockets     int            // of a pod: 1000
	MaxHostSockets int            // of a node: 65536
	Clock          clock.Clock    // required
	Trace          *trace.Recorder
	Log            *slog.Logger
}

// A Fabric is the switch of one cluster.
type Fabric struct {
	cfg Config

	mu    sync.RWMutex // order: Fabric.mu before Node.mu
	nodes map[string]*Node
	addrs map[netip.Addr]*Namespace
}

// New returns a fabric without nodes.
func New(cfg Config) (*Fabric, error) {
	if cfg.Clock == nil {
		return nil, errors.New("network: no clock given")
	}
	if cfg.NodeCIDRs == nil {
		cfg.NodeCIDRs = []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{172, 18, 0, 0}), 16)}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.ConnectTimeout = orElse(cfg.ConnectTimeout, 127*time.Second)
	cfg.MaxSockets = orElse(cfg.MaxSockets, 1000)
	cfg.MaxHostSockets = orElse(cfg.MaxHostSockets, 65536)
	return &Fabric{cfg: cfg, nodes: map[string]*Node{}, addrs: map[netip.Addr]*Namespace{}}, nil
}

func orElse[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// AddNode plugs a node in, with its address.
func (f *Fabric) AddNode(name string, ip netip.Addr) (*Node, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.nodes[name]; ok {
		return nil, fmt.Errorf("add node %s: the name is taken", name)
	}
	if err := f.claimable(ip); err != nil {
		return nil, fmt.Errorf("add node %s: %w", name, err)
	}
	n := newNode(f, name, ip)
	f.nodes[name], f.addrs[ip] = n, n.host
	return n, nil
}

// claimable is called with mu held.
func (f *Fabric) claimable(ip netip.Addr) error {
	switch {
	case !ip.Is4() || ip.IsLoopback() || ip.IsUnspecified() || ip.IsMulticast():
		return fmt.Errorf("address %s: %w", ip, syscall.EADDRNOTAVAIL)
	case f.cfg.ServiceCIDR.Contains(ip):
		return fmt.Errorf("address %s is in the service network %s: %w", ip, f.cfg.ServiceCIDR, syscall.EADDRNOTAVAIL)
	case f.addrs[ip] != nil:
		return fmt.Errorf("address %s belongs to %s: %w", ip, f.addrs[ip].name, syscall.EADDRINUSE)
	}
	return nil
}

// Node returns the node of that name.
func (f *Fabric) Node(name string) (*Node, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	n, ok := f.nodes[name]
	return n, ok
}

// Nodes returns all nodes, by name.
func (f *Fabric) Nodes() []*Node {
	f.mu.RLock()
	defer f.mu.RUnlock()
	var out []*Node
	for _, n := range f.nodes {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *Node) int { return strings.Compare(a.name, b.name) })
	return out
}

// RemoveNode unplugs a node: all sockets on it are closed.
func (f *Fabric) RemoveNode(name string) {
	f.mu.Lock()
	n, ok := f.nodes[name]
	delete(f.nodes, name)
	f.mu.Unlock()
	if ok {
		n.shut()
	}
}

// owner returns the namespace that has the address, or why there is none: an
// address of the cluster's networks has nobody there ("no route to host"), a
// service address without a rule is swallowed, all others have no route.
func (f *Fabric) owner(a netip.Addr) (*Namespace, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if ns, ok := f.addrs[a]; ok {
		return ns, nil
	}
	if f.cfg.ServiceCIDR.Contains(a) {
		return nil, errDropped
	}
	if slices.ContainsFunc(f.cfg.NodeCIDRs, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return nil, syscall.EHOSTUNREACH
	}
	for _, n := range f.nodes {
		if n.cidr().Contains(a) {
			return nil, syscall.EHOSTUNREACH
		}
	}
	return nil, syscall.ENETUNREACH
}

// plug gives ns the address.
func (f *Fabric) plug(ip netip.Addr, ns *Namespace) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.claimable(ip); err != nil {
		return err
	}
	f.addrs[ip] = ns
	return nil
}

func (f *Fabric) unplug(ip netip.Addr, ns *Namespace) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.addrs[ip] == ns {
		delete(f.addrs, ip)
	}
	for _, n := range f.nodes {
		n.track.leave(ip)
	}
}
