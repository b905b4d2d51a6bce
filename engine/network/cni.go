package network

// Upstream: containernetworking/cni SPEC.md, plugins ptp and host-local

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"kubergarten/engine/trace"
)

// ErrNotReady is what Add says on a node without a pod CIDR.
var ErrNotReady = errors.New("cni plugin not initialized")

// Add is CNI ADD: it makes the sandbox's namespace and gives it an address.
func (n *Node) Add(ctx context.Context, sandboxID, podNamespace, podName string) (*Namespace, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	pool := n.pods.Load()
	if pool == nil {
		return nil, ErrNotReady
	}
	ns, err := n.plug(pool, sandboxID, podNamespace+"/"+podName)
	if err != nil {
		return nil, fmt.Errorf("plugin type=%q failed (add): %w", "ptp", err)
	}
	n.fabric.cfg.Trace.Emit(trace.Record{
		Who: Name, Node: n.name, Step: trace.Attached, Object: ns.ref(),
		Words: fmt.Sprintf("attached sandbox %s, with address %s", sandboxID, ns.ip),
	})
	return ns, nil
}

func (n *Node) plug(pool *ipam, sandbox, name string) (*Namespace, error) {
	n.mu.Lock()
	old, dup := n.sandbox[sandbox]
	n.mu.Unlock()
	if dup {
		return nil, fmt.Errorf("failed to allocate for range 0: %s has been allocated to %s, duplicate allocation is not allowed", old.ip, sandbox)
	}
	ip, err := pool.allocate(sandbox)
	if err != nil {
		return nil, err
	}
	ns := newNamespace(n.fabric, n, name, sandbox, ip, n.fabric.cfg.MaxSockets)
	if err := n.fabric.plug(ip, ns); err != nil {
		pool.release(ip)
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sandbox[sandbox] = ns
	return ns, nil
}

// Del is CNI DEL: it closes the sandbox's sockets and frees its address. A
// sandbox that is not there is no error.
func (n *Node) Del(_ context.Context, sandboxID string) error {
	n.mu.Lock()
	ns, ok := n.sandbox[sandboxID]
	delete(n.sandbox, sandboxID)
	n.mu.Unlock()
	if !ok {
		return nil
	}
	ns.shut()
	n.fabric.unplug(ns.ip, ns)
	n.pods.Load().release(ns.ip)
	return nil
}

// Sandbox returns the namespace of a sandbox.
func (n *Node) Sandbox(sandboxID string) (*Namespace, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	ns, ok := n.sandbox[sandboxID]
	return ns, ok
}

// ref names the pod in records.
func (n *Namespace) ref() trace.Ref {
	if n.host {
		return trace.Ref{Resource: "nodes", Name: n.name}
	}
	ns, pod, _ := strings.Cut(n.name, "/")
	return trace.Ref{Resource: "pods", Namespace: ns, Name: pod}
}

// A Result is what CNI ADD answers, in the form of CNI's specification.
type Result struct {
	CNIVersion string      `json:"cniVersion"`
	Interfaces []Interface `json:"interfaces"`
	IPs        []IPConfig  `json:"ips"`
	Routes     []Route     `json:"routes"`
}

// An Interface is a network interface, inside a sandbox if one is named.
type Interface struct {
	Name    string `json:"name"`
	Mac     string `json:"mac"`
	Sandbox string `json:"sandbox,omitempty"`
}

// An IPConfig is an address of the interface of that index.
type IPConfig struct {
	Interface int          `json:"interface"`
	Address   netip.Prefix `json:"address"`
	Gateway   netip.Addr   `json:"gateway"`
}

// A Route is an entry of the routing table.
type Route struct {
	Dst netip.Prefix `json:"dst"`
	GW  netip.Addr   `json:"gw"`
}

// Result is what Add answered for this namespace, as CNI words it.
func (n *Namespace) Result() Result {
	gw := n.node.gateway()
	return Result{
		CNIVersion: "1.0.0",
		Interfaces: []Interface{{Name: "eth0", Mac: mac(n.ip), Sandbox: "/var/run/netns/" + n.sandbox}},
		IPs:        []IPConfig{{Interface: 0, Address: netip.PrefixFrom(n.ip, n.node.cidr().Bits()), Gateway: gw}},
		Routes:     []Route{{Dst: netip.PrefixFrom(netip.IPv4Unspecified(), 0), GW: gw}},
	}
}

// mac is a locally administered address, made of the IP address as Docker does.
func mac(ip netip.Addr) string {
	a := ip.As4()
	return fmt.Sprintf("02:42:%02x:%02x:%02x:%02x", a[0], a[1], a[2], a[3])
}
