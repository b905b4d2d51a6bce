package proxy

// Upstream: pkg/proxy/topology.go

import (
	"net/netip"
	"slices"
)

// A choice is the endpoints that the two traffic policies of a port leave.
type choice struct {
	cluster, local []netip.AddrPort
	any            bool // whether there is a usable endpoint anywhere
}

// categorize chooses the usable endpoints: the ready ones or, if there are
// none, those that are ending but still serve; for each policy on its own.
func categorize(eps []endpoint, p *servicePort, node, zone string) choice {
	var c choice
	if p.usesCluster() {
		near := topology(eps, node, zone)
		c.cluster = pick(eps, func(e *endpoint) bool { return e.ready && near(e) })
		if len(c.cluster) == 0 {
			c.cluster = pick(eps, lastResort)
		}
	}
	if p.usesLocal() {
		c.local = pick(eps, func(e *endpoint) bool { return e.local && e.ready })
		if len(c.local) == 0 {
			c.local = pick(eps, func(e *endpoint) bool { return e.local && lastResort(e) })
		}
		c.any = slices.ContainsFunc(eps, func(e endpoint) bool { return e.ready || lastResort(&e) })
	}
	c.any = c.any || len(c.cluster) > 0
	return c
}

func lastResort(e *endpoint) bool { return e.serving && e.terminating }

func pick(eps []endpoint, ok func(*endpoint) bool) []netip.AddrPort {
	var out []netip.AddrPort
	for i := range eps {
		if ok(&eps[i]) {
			out = append(out, eps[i].addr)
		}
	}
	return out
}

// topology follows the hints if every ready endpoint has some, and some are for
// this node, or else for its zone.
func topology(eps []endpoint, node, zone string) func(*endpoint) bool {
	nodes := func(e *endpoint) []string { return e.nodes }
	zones := func(e *endpoint) []string { return e.zones }
	if hinted(eps, nodes, node) {
		return func(e *endpoint) bool { return slices.Contains(e.nodes, node) }
	}
	if hinted(eps, zones, zone) {
		return func(e *endpoint) bool { return slices.Contains(e.zones, zone) }
	}
	return func(*endpoint) bool { return true }
}

// hinted reports whether every ready endpoint has hints, and some are for us.
func hinted(eps []endpoint, hints func(*endpoint) []string, us string) bool {
	forUs := false
	for i := range eps {
		h := hints(&eps[i])
		if eps[i].ready && len(h) == 0 {
			return false
		}
		forUs = forUs || eps[i].ready && slices.Contains(h, us)
	}
	return forUs
}
