package network

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
)

// A Node is a machine on the fabric: its own namespace, those of its pods, and
// its table of services.
type Node struct {
	fabric *Fabric
	name   string
	host   *Namespace
	track  *conntrack

	services atomic.Pointer[Services]
	pods     atomic.Pointer[ipam] // nil until there is a pod CIDR
	changes  atomic.Uint64        // of the table of services

	mu       sync.Mutex // order: Fabric.mu, Node.mu, Conn.mu
	sandbox  map[string]*Namespace
	swallows map[*Conn]struct{} // attempts that the wire swallowed
}

func newNode(f *Fabric, name string, ip netip.Addr) *Node {
	n := &Node{
		fabric: f, name: name, track: newConntrack(f.cfg.Clock),
		sandbox: map[string]*Namespace{}, swallows: map[*Conn]struct{}{},
	}
	n.host = newNamespace(f, n, name, "", ip, f.cfg.MaxHostSockets)
	n.host.host = true
	return n
}

// Name is the node's name.
func (n *Node) Name() string { return n.name }

// Namespace is the node's own network, which host network pods share.
func (n *Node) Namespace() *Namespace { return n.host }

// Ready reports whether the node has a pod CIDR, so that Add can work.
func (n *Node) Ready() bool { return n.pods.Load() != nil }

// SetPodCIDR gives the node the addresses for its pods; its own bridge takes
// the first. It can be set once; setting the same again does nothing.
func (n *Node) SetPodCIDR(cidr netip.Prefix) error {
	if old := n.pods.Load(); old != nil {
		if old.cidr == cidr.Masked() {
			return nil
		}
		return fmt.Errorf("node %s: pod CIDR is %s, and cannot become %s", n.name, old.cidr, cidr)
	}
	pool, err := newIPAM(cidr)
	if err != nil {
		return fmt.Errorf("node %s: %w", n.name, err)
	}
	if err := n.fabric.plug(pool.gateway, n.host); err != nil {
		return fmt.Errorf("node %s: %w", n.name, err)
	}
	n.pods.Store(pool)
	return nil
}

// cidr is the node's pod CIDR, or one that contains nothing.
func (n *Node) cidr() netip.Prefix {
	if p := n.pods.Load(); p != nil {
		return p.cidr
	}
	return netip.Prefix{}
}

// gateway is the address of the node's bridge, or the zero address.
func (n *Node) gateway() netip.Addr {
	if p := n.pods.Load(); p != nil {
		return p.gateway
	}
	return netip.Addr{}
}

// SetServices makes s the table by which connections that start here are
// rewritten; its later updates count too. Nil removes the table.
func (n *Node) SetServices(s *Services) {
	s.watch(n, true)
	if old := n.services.Swap(s); old != s {
		old.watch(n, false)
	}
	n.retry(nil)
}

func (n *Node) table() *Services { return n.services.Load() }

// servicesChanged is called after the table has changed.
func (n *Node) servicesChanged(change map[ServiceKey]*Service) {
	n.track.clean(change)
	n.retry(change)
}

// lost remembers an attempt that the wire swallowed, unless the table has
// changed since the count of changes was seen: then it must be tried again.
func (n *Node) lost(c *Conn, seen uint64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.changes.Load() != seen {
		return false
	}
	if done, _ := c.Established(); !done { // closed meanwhile: found has been called, or waits for mu
		n.swallows[c] = struct{}{}
	}
	return true
}

// found forgets it.
func (n *Node) found(c *Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.swallows, c)
}

// retry repeats the attempts to the addresses that changed, or all if change
// is nil, as retransmitted SYNs do.
func (n *Node) retry(change map[ServiceKey]*Service) {
	var again []*Conn
	n.mu.Lock()
	n.changes.Add(1)
	for c := range n.swallows {
		_, hit := change[ServiceKey{TCP, c.remote}]
		done, _ := c.Established()
		if done || hit || change == nil {
			delete(n.swallows, c)
		}
		if !done && (hit || change == nil) {
			again = append(again, c)
		}
	}
	n.mu.Unlock()
	for _, c := range again {
		c.attempt(false)
	}
}

// Flows lists the flows to services that began on this node.
func (n *Node) Flows() []Flow {
	flows := n.track.list()
	for _, ns := range n.Namespaces() {
		flows = append(flows, ns.flows()...)
	}
	return flows
}

// Namespaces returns the node's own namespace and those of its pods.
func (n *Node) Namespaces() []*Namespace {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := []*Namespace{n.host}
	for _, ns := range n.sandbox {
		out = append(out, ns)
	}
	return out
}

// shut takes the node off the fabric.
func (n *Node) shut() {
	n.SetServices(nil)
	for _, ns := range n.Namespaces() {
		ns.shut()
		n.fabric.unplug(ns.ip, ns)
	}
	n.fabric.unplug(n.gateway(), n.host)
}
