package coredns

// Upstream: plugin/loop

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// loop asks its own server a question that nobody else asks. If that comes
// back more than once, somebody forwards our questions to us.
type loop struct {
	inst  *instance
	zone  string
	qname string
	seen  atomic.Int32
	off   atomic.Bool
	found chan error
	next  Handler
}

func setupLoop(c *controller) error {
	l := &loop{inst: c.inst, zone: ".", found: make(chan error, 1)}
	if len(c.block.zones) > 0 {
		l.zone = c.block.zones[0]
	}
	l.qname = fmt.Sprintf("%d.%d.%s", rand.Int64(), rand.Int64(), strings.TrimPrefix(l.zone, "."))
	c.inst.tasks = append(c.inst.tasks, l.watch)
	c.inst.onUp = append(c.inst.onUp, func(ctx context.Context) { l.probe(ctx, c.block) })
	c.add(func(next Handler) Handler { l.next = next; return l })
	return c.noArgs()
}

func (l *loop) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	q := r.Question[0]
	if q.Qtype == dns.TypeHINFO && !l.off.Load() && strings.EqualFold(q.Name, l.qname) && l.seen.Add(1) > 2 {
		select {
		case l.found <- fmt.Errorf(`plugin/loop: Loop (%s -> %s) detected for zone %q, see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO %s"`, w.RemoteAddr(), w.LocalAddr(), l.zone, l.qname):
		default:
		}
		return dns.RcodeServerFailure, nil
	}
	return next(ctx, "loop", l.next, w, r)
}

// watch ends the process when a loop was found.
func (l *loop) watch(ctx context.Context) error {
	select {
	case err := <-l.found:
		return err
	case <-ctx.Done():
		return nil
	}
}

// probe asks the question, once the servers listen.
func (l *loop) probe(ctx context.Context, b *block) {
	defer l.off.Store(true)
	port := l.inst.portOf(b)
	conn, err := l.inst.Net.Dial(ctx, "udp", netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port))
	if err != nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	q := new(dns.Msg)
	q.SetQuestion(l.qname, dns.TypeHINFO)
	c := dns.Client{Timeout: 10 * time.Second}
	_, _, _ = c.ExchangeWithConn(q, &dns.Conn{Conn: conn}) // what counts is what comes by
}
