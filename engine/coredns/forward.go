package coredns

// Upstream: plugin/forward

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// forward asks other servers.
type forward struct {
	inst    *instance
	from    string
	except  zones
	to      []netip.AddrPort
	policy  string
	tcp     bool // force_tcp
	udp     bool // prefer_udp
	max     int64
	running atomic.Int64
	turn    atomic.Uint32
	next    Handler
}

var errNoHealthy = errors.New("no healthy proxies")

// timeouts of upstream's defaults: for one answer, and for all attempts.
const (
	readTimeout    = 2 * time.Second
	forwardTimeout = 5 * time.Second
)

func (f *forward) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	name := strings.ToLower(r.Question[0].Name)
	if !dns.IsSubDomain(f.from, name) || name != f.from && f.except.match(name) != "" {
		return next(ctx, "forward", f.next, w, r)
	}
	if n := f.running.Add(1); f.max > 0 && n > f.max {
		f.running.Add(-1)
		return dns.RcodeRefused, fmt.Errorf("concurrent queries exceeded maximum %d", f.max)
	}
	defer f.running.Add(-1)
	ctx, cancel := context.WithTimeout(ctx, forwardTimeout)
	defer cancel()
	err := errNoHealthy
	for _, to := range f.order() {
		var m *dns.Msg
		if m, err = f.ask(ctx, w, r, to); err == nil {
			return dns.RcodeSuccess, w.WriteMsg(m)
		}
	}
	return dns.RcodeServerFailure, err
}

// order is the servers as the policy has it, each of them twice.
func (f *forward) order() []netip.AddrPort {
	list := slices.Clone(f.to)
	switch n := len(list); {
	case n < 2 || f.policy == "sequential":
	case f.policy == "round_robin":
		i := int(f.turn.Add(1)-1) % n
		list = append(list[i:], list[:i]...)
	default:
		rand.Shuffle(n, func(a, b int) { list[a], list[b] = list[b], list[a] })
	}
	return append(list, list...)
}

// ask asks one server, over the client's protocol unless told otherwise.
func (f *forward) ask(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, to netip.AddrPort) (*dns.Msg, error) {
	network := proto(w)
	if f.tcp {
		network = "tcp"
	} else if f.udp {
		network = "udp"
	}
	m, err := f.exchange(ctx, network, r, to)
	if err == nil && m.Truncated && f.udp {
		m, err = f.exchange(ctx, "tcp", r, to)
	}
	return m, err
}

func (f *forward) exchange(ctx context.Context, network string, r *dns.Msg, to netip.AddrPort) (*dns.Msg, error) {
	conn, err := f.inst.Net.Dial(ctx, network, to)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	c := dns.Client{Timeout: readTimeout, UDPSize: dns.MaxMsgSize - 1}
	q := r.Copy()
	q.Id = dns.Id()
	m, _, err := c.ExchangeWithConnContext(ctx, q, &dns.Conn{Conn: conn, UDPSize: dns.MaxMsgSize - 1})
	if err != nil {
		return nil, err
	}
	m.Id = r.Id
	return m, nil
}
