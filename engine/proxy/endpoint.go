package proxy

// Upstream: pkg/proxy/endpoint.go, pkg/proxy/endpointslicecache.go

import (
	"net/netip"
	"slices"

	discoveryv1 "k8s.io/api/discovery/v1"
)

// An endpoint is one backend of a service port.
type endpoint struct {
	addr                        netip.AddrPort
	ready, serving, terminating bool
	local                       bool
	zones, nodes                []string // hints
}

// endpointsOf returns the endpoints for the service port of that name, each
// once, by address. Of two that say different things about one address, the
// better counts.
func endpointsOf(sl []*discoveryv1.EndpointSlice, port, node string) []endpoint {
	found := map[netip.AddrPort]endpoint{}
	for _, s := range sl {
		if s.AddressType != discoveryv1.AddressTypeIPv4 {
			continue
		}
		for _, p := range s.Ports {
			if p.Port == nil || deref(p.Name, "") != port {
				continue
			}
			for i := range s.Endpoints {
				if e, ok := newEndpoint(&s.Endpoints[i], *p.Port, node); ok {
					keepBetter(found, e)
				}
			}
		}
	}
	out := make([]endpoint, 0, len(found))
	for _, e := range found {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b endpoint) int { return a.addr.Compare(b.addr) })
	return out
}

// newEndpoint reads e, whose first address alone counts.
func newEndpoint(e *discoveryv1.Endpoint, port int32, node string) (endpoint, bool) {
	if len(e.Addresses) == 0 || port <= 0 || port > 65535 {
		return endpoint{}, false
	}
	ip, err := netip.ParseAddr(e.Addresses[0])
	if err != nil {
		return endpoint{}, false
	}
	ready := deref(e.Conditions.Ready, true)
	out := endpoint{
		addr:        netip.AddrPortFrom(ip, uint16(port)),
		ready:       ready,
		serving:     deref(e.Conditions.Serving, ready),
		terminating: deref(e.Conditions.Terminating, false),
		local:       node != "" && deref(e.NodeName, "") == node,
	}
	if e.Hints != nil {
		for _, z := range e.Hints.ForZones {
			out.zones = append(out.zones, z.Name)
		}
		for _, n := range e.Hints.ForNodes {
			out.nodes = append(out.nodes, n.Name)
		}
	}
	return out, true
}

func keepBetter(found map[netip.AddrPort]endpoint, e endpoint) {
	old, ok := found[e.addr]
	if !ok || e.ready && !old.ready || e.serving && !old.serving && e.ready == old.ready {
		found[e.addr] = e
	}
}

func deref[T any](p *T, def T) T {
	if p == nil {
		return def
	}
	return *p
}
