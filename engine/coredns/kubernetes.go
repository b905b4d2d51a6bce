package coredns

// Upstream: plugin/kubernetes/kubernetes.go, handler.go

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"

	"kubergarten/engine/trace"
)

// kubernetes answers for the names of the cluster.
type kubernetes struct {
	inst         *instance
	log          logger
	zones        zones
	primary      string // the first zone that is not a reverse one
	pods         string // disabled, insecure or verified
	namespaces   []string
	fallthru     zones
	ttl          uint32
	podNames     bool // endpoint_pod_names
	ignoreEmpty  bool // ignore empty_service
	noEndpoints  bool
	startTimeout time.Duration
	objects      *objects
	next         Handler
}

// errNoName says that a name does not exist: NXDOMAIN.
var errNoName = errors.New("no items found")

func (k *kubernetes) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	q := r.Question[0]
	name := strings.ToLower(q.Name)
	zone := k.zones.match(name)
	if zone == "" {
		return next(ctx, "kubernetes", k.next, w, r)
	}
	if q.Qtype == dns.TypeAXFR || q.Qtype == dns.TypeIXFR {
		return dns.RcodeRefused, nil
	}
	a := &answer{k: k, ctx: ctx, w: w, zone: zone, qname: q.Name}
	err := a.fill(name, q.Qtype)
	code := dns.RcodeSuccess
	switch {
	case err != nil && !errors.Is(err, errNoName):
		return dns.RcodeServerFailure, err
	case err != nil && k.fallthru.match(name) != "":
		return next(ctx, "kubernetes", k.next, w, r)
	case err != nil && !k.objects.synced():
		code = dns.RcodeServerFailure
	case err != nil:
		code = dns.RcodeNameError
	}
	return dns.RcodeSuccess, w.WriteMsg(k.message(r, a, code))
}

// message is the answer; without records it says so with the zone's SOA.
func (k *kubernetes) message(r *dns.Msg, a *answer, code int) *dns.Msg {
	m := reply(r, code)
	m.Authoritative = true
	if code != dns.RcodeSuccess || len(a.records) == 0 {
		m.Ns = []dns.RR{k.soa(a.zone)}
		return m
	}
	m.Answer, m.Extra = a.records, a.extra
	k.tell(a, r.Question[0])
	return m
}

// tell keeps a record of what was resolved.
func (k *kubernetes) tell(a *answer, q dns.Question) {
	if k.inst.Trace == nil {
		return
	}
	var to []string
	for _, rr := range a.records {
		to = append(to, strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	k.inst.Trace.Emit(trace.Record{
		Who: Name, Node: k.inst.Node, Step: trace.Resolved, Object: a.ref,
		Words: fmt.Sprintf("answered %s: %s %s is %s", a.w.RemoteAddr(), q.Name, typeName(q.Qtype), strings.Join(to, ", ")),
	})
}

func (k *kubernetes) soa(zone string) dns.RR {
	return &dns.SOA{
		Hdr: header(zone, dns.TypeSOA, min(k.ttl, 300)), Ns: "ns.dns." + zone, Mbox: "hostmaster." + zone,
		Serial: uint32(k.objects.modified.Load()), Refresh: 7200, Retry: 1800, Expire: 86400, Minttl: k.ttl,
	}
}
