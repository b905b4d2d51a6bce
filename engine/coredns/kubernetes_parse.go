package coredns

// Upstream: plugin/kubernetes/parse.go

import (
	"strings"

	"github.com/miekg/dns"
)

// A request is a name of the cluster, taken apart:
//
//	_port._protocol.service.namespace.svc.ZONE
//	endpoint.service.namespace.svc.ZONE
//	service.namespace.svc.ZONE
//	1-2-3-4.namespace.pod.ZONE
type request struct {
	port, protocol, endpoint, service, namespace string

	kind string // "svc", "pod", or empty for the zone itself
}

// parseRequest takes a name in zone apart; both are in lower case.
func parseRequest(name, zone string) (r request, err error) {
	base := strings.TrimSuffix(strings.TrimSuffix(name, zone), ".")
	if base == "" || base == "svc" || base == "pod" {
		return r, nil
	}
	segs := dns.SplitDomainName(base)
	last := func() (s string) {
		if len(segs) > 0 {
			s, segs = segs[len(segs)-1], segs[:len(segs)-1]
		}
		return s
	}
	if r.kind = last(); r.kind != "svc" && r.kind != "pod" {
		return r, errNoName
	}
	r.namespace, r.service = last(), last()
	switch len(segs) {
	case 0:
	case 1:
		r.endpoint = segs[0]
	case 2:
		r.protocol, r.port = strings.TrimPrefix(segs[1], "_"), strings.TrimPrefix(segs[0], "_")
	default:
		return r, errNoName
	}
	return r, nil
}
