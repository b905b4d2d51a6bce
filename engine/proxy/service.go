package proxy

import (
	"net/netip"
	"slices"
	"time"

	"kubergarten/engine/network"
)

// service makes of r what the wire takes.
func (r *rule) service(h *host, b *balancer) *network.Service {
	all := r.backends
	if r.split {
		all = slices.Concat(r.backends, r.inside)
	}
	return &network.Service{
		Name: r.port, Backends: all,
		Pick: func(client netip.Addr) network.Choice { return r.pick(h, b, client) },
	}
}

// pick decides on one connection.
func (r *rule) pick(h *host, b *balancer, client netip.Addr) network.Choice {
	self := h.isSelf(client)
	pod := !self && h.isPod(client)
	backends, none := r.backends, r.verdict
	if r.split && (pod || self) {
		backends, none = r.inside, r.insideV
	}
	switch {
	case len(r.sources) > 0 && !self && !slices.ContainsFunc(r.sources, func(p netip.Prefix) bool { return p.Contains(client) }):
		return network.Choice{Verdict: network.Drop}
	case len(backends) == 0:
		return network.Choice{Verdict: none}
	}
	return network.Choice{
		Backend:    b.pick(backends, client, time.Duration(r.sticky)),
		Masquerade: r.masq == masqAll || r.masq == masqOutside && !pod || r.masq == masqNode && self,
	}
}
