package network

import (
	"net/netip"
	"sync"
	"syscall"
)

// The ephemeral ports (net.ipv4.ip_local_port_range).
const (
	firstPort = 32768
	lastPort  = 60999
)

// A Namespace is the network of one pod, or of one node: its addresses and its
// sockets. Pods that use the host's network use their node's.
type Namespace struct {
	fabric  *Fabric
	node    *Node
	name    string // "default/web-1", or the node's name
	sandbox string
	ip      netip.Addr
	host    bool
	max     int // sockets

	mu    sync.Mutex // a leaf but for nothing: no other lock is taken under it
	down  bool
	tcp   map[netip.AddrPort]*Listener
	udp   map[netip.AddrPort]*PacketConn
	conns map[*Conn]struct{}
	taken map[uint16]int // local ports of connections dialed
	next  uint16         // where the search for an ephemeral port goes on
}

func newNamespace(f *Fabric, n *Node, name, sandbox string, ip netip.Addr, limit int) *Namespace {
	return &Namespace{
		fabric: f, node: n, name: name, sandbox: sandbox, ip: ip, max: limit,
		tcp: map[netip.AddrPort]*Listener{}, udp: map[netip.AddrPort]*PacketConn{},
		conns: map[*Conn]struct{}{}, taken: map[uint16]int{}, next: firstPort,
	}
}

// IP is the namespace's address.
func (n *Namespace) IP() netip.Addr { return n.ip }

// Name is "namespace/pod", or the name of the node.
func (n *Namespace) Name() string { return n.name }

// Node is the name of the node it is on.
func (n *Namespace) Node() string { return n.node.name }

// Host reports whether it is a node's own namespace.
func (n *Namespace) Host() bool { return n.host }

// owns reports whether a is an address of this namespace.
func (n *Namespace) owns(a netip.Addr) bool {
	return a == n.ip || a.IsLoopback() || n.host && a == n.node.gateway()
}

// check refuses local addresses that are not this namespace's.
func (n *Namespace) check(a netip.Addr) error {
	if a.IsUnspecified() || n.owns(a) {
		return nil
	}
	return syscall.EADDRNOTAVAIL
}

// full reports why no socket can be had. mu is held.
func (n *Namespace) full() error {
	switch {
	case n.down:
		return syscall.ENETDOWN
	case len(n.conns)+len(n.tcp)+len(n.udp) >= n.max:
		return syscall.EMFILE
	}
	return nil
}

// adopt takes c in.
func (n *Namespace) adopt(c *Conn) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.hold(c)
}

// hold is adopt with mu held.
func (n *Namespace) hold(c *Conn) error {
	if err := n.full(); err != nil {
		return err
	}
	n.conns[c] = struct{}{}
	if c.dialed {
		n.taken[c.local.Port()]++
	}
	return nil
}

// forget lets c go, and then those in who found no socket left.
func (n *Namespace) forget(c *Conn) {
	if !n.release(c) {
		return
	}
	n.mu.Lock()
	ls := n.listeners()
	n.mu.Unlock()
	for _, l := range ls {
		l.admit()
	}
}

// release lets c go, and reports whether that ended a want of sockets.
func (n *Namespace) release(c *Conn) (relief bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.conns[c]; !ok {
		return false
	}
	relief = n.full() == syscall.EMFILE
	delete(n.conns, c)
	if port := c.local.Port(); c.dialed {
		if n.taken[port]--; n.taken[port] == 0 {
			delete(n.taken, port)
		}
	}
	return relief
}

func (n *Namespace) listeners() []*Listener {
	ls := make([]*Listener, 0, len(n.tcp))
	for _, l := range n.tcp {
		ls = append(ls, l)
	}
	return ls
}

// shut closes all sockets for good.
func (n *Namespace) shut() {
	n.mu.Lock()
	n.down = true
	ls := n.listeners()
	var cs []*Conn
	for c := range n.conns {
		cs = append(cs, c)
	}
	var ps []*PacketConn
	for _, p := range n.udp {
		ps = append(ps, p)
	}
	n.mu.Unlock()
	for _, l := range ls {
		l.Close()
	}
	for _, c := range cs {
		c.Reset()
	}
	for _, p := range ps {
		p.Close()
	}
}
