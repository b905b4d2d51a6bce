package coredns

// Upstream: plugin/backend_lookup.go

import (
	"context"
	"net"
	"strings"

	"github.com/miekg/dns"

	"kubergarten/engine/trace"
)

// An answer is made of the records behind one question.
type answer struct {
	k     *kubernetes
	ctx   context.Context // of the query
	w     dns.ResponseWriter
	zone  string
	qname string // as the client wrote it
	ref   trace.Ref

	records, extra []dns.RR
}

// maxCNAMEs bounds a chain of names for names.
const maxCNAMEs = 10

// fill finds the records of type t behind name.
func (a *answer) fill(name string, t uint16) error {
	switch t {
	case dns.TypeA, dns.TypeAAAA:
		return a.addresses(name, a.qname, t, 0)
	case dns.TypeCNAME:
		return a.cname(name)
	case dns.TypeSRV:
		return a.srv(name)
	case dns.TypePTR:
		return a.ptr(name)
	case dns.TypeTXT:
		return a.txt(name)
	case dns.TypeSOA:
		if name == a.zone {
			a.records = append(a.records, a.k.soa(a.zone))
			return nil
		}
	case dns.TypeNS:
		if name == a.zone {
			a.ns()
			return nil
		}
	}
	_, err := a.find(name) // whether the name exists
	return err
}

// find is what stands behind name, the name servers' own names included.
func (a *answer) find(name string) ([]record, error) {
	if name == "ns.dns."+a.zone {
		var out []record
		for _, ns := range a.k.servers(a.zone) {
			out = append(out, record{name, ns.host, -1})
		}
		return out, nil
	}
	recs, r, err := a.k.find(name, a.zone)
	a.ref = trace.Ref{Resource: "services", Namespace: r.namespace, Name: r.service}
	if r.kind == "pod" {
		a.ref = trace.Ref{Resource: "pods", Namespace: r.namespace}
	}
	return recs, err
}

// addresses answers A and AAAA; a name for another name is followed.
func (a *answer) addresses(name, owner string, t uint16, depth int) error {
	recs, err := a.find(name)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, r := range recs {
		ip := net.ParseIP(r.host)
		switch {
		case ip == nil:
			a.follow(name, owner, r.host, t, depth)
		case (ip.To4() != nil) == (t == dns.TypeA) && !seen[r.host]:
			seen[r.host] = true
			a.records = append(a.records, address(owner, ip, a.k.ttl))
		}
	}
	return nil
}

// follow adds "owner is another name for target", and what is behind that: from
// this zone, or from whoever knows.
func (a *answer) follow(name, owner, target string, t uint16, depth int) {
	target = dns.Fqdn(target)
	if dns.IsSubDomain(dns.CanonicalName(target), name) || depth >= maxCNAMEs {
		return
	}
	cname := &dns.CNAME{Hdr: header(owner, dns.TypeCNAME, a.k.ttl), Target: target}
	before := a.records
	a.records = append(a.records, cname)
	if !dns.IsSubDomain(a.zone, dns.CanonicalName(target)) {
		if m := lookup(a.ctx, a.w, target, t); m != nil {
			a.records = append(a.records, m.Answer...)
		}
		return
	}
	with := len(a.records)
	if err := a.addresses(dns.CanonicalName(target), target, t, depth+1); err != nil || len(a.records) == with {
		a.records = before
	}
}

func (a *answer) cname(name string) error {
	recs, err := a.find(name)
	if err != nil {
		return err
	}
	for _, r := range recs {
		if net.ParseIP(r.host) == nil {
			a.records = append(a.records, &dns.CNAME{Hdr: header(a.qname, dns.TypeCNAME, a.k.ttl), Target: dns.Fqdn(r.host)})
		}
	}
	return nil
}

// srv answers with ports, and adds the addresses. All have the same priority,
// and share the weight of 100.
func (a *answer) srv(name string) error {
	recs, err := a.find(name)
	if err != nil {
		return err
	}
	var internal []record
	for _, r := range recs {
		if net.ParseIP(r.host) != nil {
			internal = append(internal, r)
		}
	}
	weight := uint16(max(100/max(len(internal), 1), 1))
	seen := map[record]bool{}
	for _, r := range internal {
		if r.port == -1 {
			continue
		}
		if k := (record{r.owner, "", r.port}); !seen[k] {
			seen[k] = true
			a.records = append(a.records, &dns.SRV{Hdr: header(a.qname, dns.TypeSRV, a.k.ttl), Weight: weight, Port: uint16(r.port), Target: r.owner})
		}
		if k := (record{r.owner, r.host, 0}); !seen[k] {
			seen[k] = true
			a.extra = append(a.extra, address(r.owner, net.ParseIP(r.host), a.k.ttl))
		}
	}
	return nil
}

func (a *answer) ptr(name string) error {
	ip, ok := reverseIP(name)
	if !ok {
		_, err := a.find(name)
		return err
	}
	names, err := a.k.reverse(ip)
	for _, n := range names {
		a.records = append(a.records, &dns.PTR{Hdr: header(a.qname, dns.TypePTR, a.k.ttl), Ptr: n})
	}
	return err
}

// txt answers "dns-version", the one TXT record there is; other names that
// exist have none.
func (a *answer) txt(name string) error {
	if name == "dns-version."+a.zone {
		a.records = append(a.records, &dns.TXT{Hdr: header(a.qname, dns.TypeTXT, 28800), Txt: []string{"1.1.0"}})
		return nil
	}
	recs, err := a.find(name)
	if err == nil && len(recs) == 0 && name != a.zone {
		return errNoName
	}
	return err
}

// ns answers with the zone's name servers: the Services that lead to us.
func (a *answer) ns() {
	for _, r := range a.k.servers(a.zone) {
		a.records = append(a.records, &dns.NS{Hdr: header(a.qname, dns.TypeNS, a.k.ttl), Ns: r.owner})
		a.extra = append(a.extra, address(r.owner, net.ParseIP(r.host), a.k.ttl))
	}
}

// servers are the addresses at which this server is known.
func (k *kubernetes) servers(zone string) []record {
	var out []record
	self := k.inst.Net.IP()
	for _, n := range k.reverseEndpoints(self) {
		l := dns.SplitDomainName(n)
		if svc, ok := k.objects.services.Get(l[2], l[1]); ok {
			for _, ip := range clusterIPs(svc) {
				out = append(out, record{strings.Join([]string{svc.Name, svc.Namespace, "svc", zone}, "."), ip, -1})
			}
		}
	}
	if len(out) == 0 {
		out = append(out, record{"ns.dns." + zone, self.String(), -1})
	}
	return out
}
