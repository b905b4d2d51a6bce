package coredns

// Upstream: plugin/cache

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"kubergarten/engine/clock"
)

// cache keeps answers for as long as their records say.
type cache struct {
	clock   clock.Clock
	zones   zones
	keepTTL bool
	success pool
	denial  pool
	next    Handler
}

// A pool is the answers of one kind. When it is full, any of them gives way.
type pool struct {
	except   zones // not cached
	size     int
	max, min time.Duration

	mu    sync.Mutex
	items map[cacheKey]cacheItem
}

type cacheKey struct {
	name   string
	qtype  uint16
	do, cd bool
}

type cacheItem struct {
	msg   *dns.Msg // never changed
	until time.Time
}

func newCache(c clock.Clock) *cache {
	return &cache{
		clock:   c,
		success: pool{size: 9984, max: time.Hour, min: 5 * time.Second, items: map[cacheKey]cacheItem{}},
		denial:  pool{size: 9984, max: 30 * time.Minute, min: 5 * time.Second, items: map[cacheKey]cacheItem{}},
	}
}

func (c *cache) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	k := keyOf(r)
	if c.zones.match(k.name) == "" || r.IsEdns0() != nil && r.IsEdns0().Do() {
		return next(ctx, "cache", c.next, w, r)
	}
	now := c.clock.Now()
	for _, p := range []*pool{&c.success, &c.denial} {
		if it, ok := p.get(k, now); ok {
			return dns.RcodeSuccess, w.WriteMsg(c.answer(it, r, now))
		}
	}
	return next(ctx, "cache", c.next, &keeper{w, c, k}, r)
}

func keyOf(r *dns.Msg) cacheKey {
	k := cacheKey{name: strings.ToLower(r.Question[0].Name), qtype: r.Question[0].Qtype, cd: r.CheckingDisabled}
	if o := r.IsEdns0(); o != nil {
		k.do = o.Do()
	}
	return k
}

// answer is it as an answer to r, some time after it was stored.
func (c *cache) answer(it cacheItem, r *dns.Msg, now time.Time) *dns.Msg {
	m := it.msg.Copy()
	m.Id, m.RecursionDesired, m.Question = r.Id, r.RecursionDesired, r.Question
	m.Authoritative = false
	if c.keepTTL {
		return m
	}
	left := uint32(max(it.until.Sub(now)/time.Second, 0))
	eachRR(m, func(h *dns.RR_Header) { h.Ttl = left })
	return m
}

func eachRR(m *dns.Msg, f func(*dns.RR_Header)) {
	for _, rrs := range [][]dns.RR{m.Answer, m.Ns, m.Extra} {
		for _, rr := range rrs {
			if rr.Header().Rrtype != dns.TypeOPT {
				f(rr.Header())
			}
		}
	}
}

// A keeper keeps the answers that go by.
type keeper struct {
	dns.ResponseWriter
	cache *cache
	key   cacheKey
}

func (k *keeper) WriteMsg(m *dns.Msg) error {
	if p := k.cache.poolFor(m); p != nil && !m.Truncated && len(m.Question) == 1 && p.except.match(k.key.name) == "" {
		ttl := min(max(minTTL(m), p.min), p.max)
		p.put(k.key, m.Copy(), k.cache.clock.Now(), ttl)
		m = m.Copy()
		eachRR(m, func(h *dns.RR_Header) { h.Ttl = uint32(ttl / time.Second) })
	}
	return k.ResponseWriter.WriteMsg(m)
}

// poolFor is where m is kept, or nil: a denial needs a SOA record, which says
// for how long.
func (c *cache) poolFor(m *dns.Msg) *pool {
	switch typify(m) {
	case noError:
		return &c.success
	case nameError, noData:
		for _, rr := range m.Ns {
			if rr.Header().Rrtype == dns.TypeSOA {
				return &c.denial
			}
		}
	}
	return nil
}

// minTTL is the shortest of m's records; a SOA's own limit counts too.
func minTTL(m *dns.Msg) time.Duration {
	ttl := uint32(3600)
	eachRR(m, func(h *dns.RR_Header) { ttl = min(ttl, h.Ttl) })
	for _, rr := range m.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			ttl = min(ttl, soa.Minttl)
		}
	}
	return time.Duration(ttl) * time.Second
}

func (p *pool) get(k cacheKey, now time.Time) (cacheItem, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	it, ok := p.items[k]
	if ok && !now.Before(it.until) {
		delete(p.items, k)
		ok = false
	}
	return it, ok
}

func (p *pool) put(k cacheKey, m *dns.Msg, now time.Time, ttl time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for old := range p.items {
		if len(p.items) < p.size {
			break
		}
		delete(p.items, old)
	}
	p.items[k] = cacheItem{m, now.Add(ttl)}
}
