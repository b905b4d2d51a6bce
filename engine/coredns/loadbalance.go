package coredns

// Upstream: plugin/loadbalance

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/miekg/dns"
)

// loadbalance gives the addresses of an answer in random order.
type loadbalance struct{ next Handler }

func setupLoadbalance(c *controller) error {
	for uses := 1; c.Next(); uses++ {
		if err := c.once(uses); err != nil {
			return err
		}
		args := c.RemainingArgs()
		if len(args) > 0 && args[0] != "round_robin" {
			return c.Errf("unknown policy: %s", args[0])
		}
		if len(args) > 1 {
			return c.Errf("unknown property for round_robin: %s", args[1])
		}
		for c.NextBlock() {
			return c.Errf("unknown property '%s'", c.Val())
		}
	}
	c.add(func(next Handler) Handler { return &loadbalance{next} })
	return nil
}

func (l *loadbalance) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	return next(ctx, "loadbalance", l.next, &shuffler{w}, r)
}

type shuffler struct{ dns.ResponseWriter }

func (s *shuffler) WriteMsg(m *dns.Msg) error {
	if m.Rcode == dns.RcodeSuccess {
		m.Answer, m.Ns, m.Extra = shuffled(m.Answer), shuffled(m.Ns), shuffled(m.Extra)
	}
	return s.ResponseWriter.WriteMsg(m)
}

// shuffled is rrs with CNAMEs first, for resolvers that read in order, then
// what has no choice in it, then addresses and mail servers at random.
func shuffled(rrs []dns.RR) []dns.RR {
	if len(rrs) < 2 {
		return rrs
	}
	rank := func(rr dns.RR) int {
		switch rr.Header().Rrtype {
		case dns.TypeCNAME:
			return 0
		case dns.TypeA, dns.TypeAAAA:
			return 2
		case dns.TypeMX:
			return 3
		}
		return 1
	}
	out := slices.Clone(rrs)
	slices.SortStableFunc(out, func(a, b dns.RR) int { return rank(a) - rank(b) })
	for i := 0; i < len(out); {
		j := i
		for j < len(out) && rank(out[j]) == rank(out[i]) {
			j++
		}
		if run := out[i:j]; rank(out[i]) >= 2 {
			rand.Shuffle(len(run), func(a, b int) { run[a], run[b] = run[b], run[a] })
		}
		i = j
	}
	return out
}
