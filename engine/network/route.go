package network

import (
	"net/netip"
	"syscall"
)

// A way is where the wire takes what a namespace sends.
type way struct {
	to      *Namespace
	addr    netip.AddrPort // the backend, if a service's address was meant
	from    netip.AddrPort // what the receiver sees
	service string
	nat     *Node // whose table chose the backend
}

// source is the address from which n reaches dst.
func (n *Namespace) source(dst netip.Addr) netip.Addr {
	switch {
	case dst.Is6():
		return netip.IPv6Loopback()
	case dst.IsLoopback():
		return dst
	case n.host && n.node.cidr().Contains(dst):
		return n.node.gateway()
	}
	return n.ip
}

// route finds the way for a connection or flow from one of n's addresses.
// Errors are a syscall.Errno, or errDropped.
func (n *Namespace) route(proto Protocol, from, dst netip.AddrPort) (way, error) {
	if dst.Addr().IsUnspecified() { // as Linux: to oneself
		dst = netip.AddrPortFrom(n.source(netip.AddrFrom4([4]byte{127, 0, 0, 1})), dst.Port())
	}
	w := way{addr: dst, from: from}
	svc, ok := n.rule(proto, dst)
	if ok {
		if err := w.rewrite(n, svc); err != nil {
			return w, err
		}
	}
	err := n.deliver(&w)
	if err == nil && !ok && w.to.host && w.to.node != n.node {
		if svc, ok := w.to.rule(proto, dst); ok { // a nodePort of another node
			if err := w.rewrite(w.to, svc); err != nil {
				return w, err
			}
			err = w.to.deliver(&w)
		}
	}
	return w, err
}

// rule is what the table of n's node says about dst. A pod's loopback is its
// own; the node's has nodePorts too.
func (n *Namespace) rule(proto Protocol, dst netip.AddrPort) (*Service, bool) {
	if dst.Addr().IsLoopback() && !n.host {
		return nil, false
	}
	return n.node.table().Get(ServiceKey{proto, dst})
}

// rewrite takes w to a backend of svc, chosen on the node of at. No backend may
// be somebody's loopback or link, whatever an EndpointSlice says.
func (w *way) rewrite(at *Namespace, svc *Service) error {
	c := svc.Pick(w.from.Addr())
	backend := c.Backend.Addr()
	switch {
	case c.Verdict == Reject:
		return syscall.ECONNREFUSED
	case c.Verdict == Drop || !backend.IsGlobalUnicast():
		return errDropped
	}
	w.addr, w.service, w.nat = c.Backend, svc.Name, at.node
	if c.Masquerade || backend == w.from.Addr() || w.from.Addr().IsLoopback() {
		w.from = netip.AddrPortFrom(at.node.host.source(backend), w.from.Port())
	}
	return nil
}

// deliver finds the namespace that has w's address.
func (n *Namespace) deliver(w *way) error {
	dst := w.addr.Addr()
	if n.owns(dst) {
		w.to = n
		return nil
	}
	to, err := n.fabric.owner(dst)
	w.to = to
	return err
}
