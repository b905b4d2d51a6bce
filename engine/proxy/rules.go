package proxy

// Upstream: pkg/proxy/iptables/proxier.go (syncProxyRules)

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"kubergarten/engine/network"
)

// A host is what the rules need to know about the node they are for.
type host struct {
	name, zone string
	own        []netip.Addr   // addresses from which the node itself connects
	nodePorts  []netip.Addr   // addresses that have nodePorts
	pods       []netip.Prefix // where connections of pods come from; empty: from anywhere
}

// A rules is a set of rules, by the address each is for.
type rules map[network.ServiceKey]*rule

// A rule is what becomes of connections to one address of a service port. Equal
// rules do the same.
type rule struct {
	port     string
	backends []netip.AddrPort // in general
	verdict  network.Verdict  // if there are no backends
	inside   []netip.AddrPort // for pods and this node, where that differs
	insideV  network.Verdict
	split    bool // whether inside counts
	sources  []netip.Prefix
	sticky   int64
	masq     masquerade
}

// masquerade says whose connections shall seem to come from the node.
type masquerade int

const (
	masqOutside masquerade = iota // of all but pods
	masqAll
	masqNode // of the node itself; outside clients keep their address
)

// rulesOf computes the rules for svc on h. It is pure.
func rulesOf(svc *corev1.Service, sl []*discoveryv1.EndpointSlice, h *host, masqAlways bool) rules {
	out := rules{}
	if svc == nil {
		return out
	}
	for _, p := range portsOf(svc) {
		c := categorize(endpointsOf(sl, p.endpoints, h.name), &p, h.name, h.zone)
		out.add(p.protocol, p.clusterIP, clusterRule(&p, c, masqAlways))
		ext := externalRule(&p, c)
		for _, a := range p.externals {
			out.add(p.protocol, a, ext)
		}
		if p.nodePort != 0 {
			for _, a := range h.nodePorts {
				out.add(p.protocol, netip.AddrPortFrom(a, p.nodePort), ext)
			}
		}
		guarded := *ext
		guarded.sources = p.sources
		for _, a := range p.balancers {
			out.add(p.protocol, a, &guarded)
		}
	}
	return out
}

func (r rules) add(proto network.Protocol, at netip.AddrPort, to *rule) {
	r[network.ServiceKey{Protocol: proto, Addr: at}] = to
}

// none is what becomes of connections when no backend is left: there may be
// some elsewhere in the cluster, or none at all.
func none(any bool) network.Verdict {
	if any {
		return network.Drop // "has no local endpoints"
	}
	return network.Reject // "has no endpoints"
}

func clusterRule(p *servicePort, c choice, masqAlways bool) *rule {
	r := &rule{port: p.name, backends: c.cluster, verdict: none(c.any), sticky: int64(p.sticky)}
	if p.internalLocal {
		r.backends = c.local
	}
	if masqAlways {
		r.masq = masqAll
	}
	return r
}

// externalRule is for nodePorts, external IPs and load balancers: under policy
// Local the inside of the cluster still reaches all endpoints.
func externalRule(p *servicePort, c choice) *rule {
	r := &rule{port: p.name, backends: c.cluster, verdict: none(c.any), sticky: int64(p.sticky), masq: masqAll}
	if p.externalLocal {
		r.inside, r.insideV, r.split = c.cluster, none(c.any), true
		r.backends, r.masq = c.local, masqNode
	}
	return r
}

// equal reports whether a and b do the same.
func (r *rule) equal(o *rule) bool {
	return r.port == o.port && slices.Equal(r.backends, o.backends) && r.verdict == o.verdict &&
		slices.Equal(r.inside, o.inside) && r.insideV == o.insideV && r.split == o.split &&
		slices.Equal(r.sources, o.sources) && r.sticky == o.sticky && r.masq == o.masq
}

// isPod reports whether connections from a are those of pods.
func (h *host) isPod(a netip.Addr) bool {
	return len(h.pods) == 0 || slices.ContainsFunc(h.pods, func(p netip.Prefix) bool { return p.Contains(a) })
}

func (h *host) isSelf(a netip.Addr) bool { return a.IsLoopback() || slices.Contains(h.own, a) }

// equal reports whether the same rules follow from a and o.
func (h *host) equal(o *host) bool {
	return h.name == o.name && h.zone == o.zone && slices.Equal(h.own, o.own) &&
		slices.Equal(h.nodePorts, o.nodePorts) && slices.Equal(h.pods, o.pods)
}
