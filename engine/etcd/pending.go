package etcd

import (
	"maps"
	"slices"
	"time"
)

// A pending batch is what a series of requests would change.
type pending struct {
	s       *Server
	rev     int64
	records []*record
	newest  map[string]*record
	granted []*lease
	revoked map[LeaseID]bool
	results []result
}

// do adds what o asks for to p, and returns the answer for when p is durable.
func (p *pending) do(o *op) result {
	switch {
	case o.txn != nil:
		return p.txn(o.txn)
	case o.grant != 0:
		return p.grant(o.grant)
	case o.revoke != 0:
		return result{err: p.revoke(o.revoke)}
	}
	return result{}
}

func (p *pending) txn(t *TxnRequest) result {
	now := p.last(t.Key)
	if t.ModRevision != Any && t.ModRevision != modRevision(now) {
		return result{txn: &TxnResponse{KV: now, Revision: p.rev}}
	}
	switch {
	case t.Delete && now == nil:
		return result{txn: &TxnResponse{Succeeded: true, Revision: p.rev}}
	case t.Delete:
		r := p.delete(t.Key)
		return result{txn: &TxnResponse{Succeeded: true, Prev: now, Revision: r.ModRevision}}
	case t.Lease != 0 && !p.leased(t.Lease):
		return result{err: ErrLeaseNotFound}
	case p.s.index.all > p.s.cfg.QuotaBytes:
		return result{err: ErrNoSpace}
	}
	r := p.put(t, now)
	return result{txn: &TxnResponse{Succeeded: true, KV: &r.KeyValue, Prev: now, Revision: r.ModRevision}}
}

func modRevision(kv *KeyValue) int64 {
	if kv == nil {
		return 0
	}
	return kv.ModRevision
}

// last is what key is after the requests so far.
func (p *pending) last(key string) *KeyValue {
	if r, ok := p.newest[key]; ok {
		return r.kv()
	}
	return p.s.index.last(key).kv()
}

func (p *pending) put(t *TxnRequest, now *KeyValue) *record {
	p.rev++
	kv := KeyValue{Key: t.Key, Value: t.Value, CreateRevision: p.rev, ModRevision: p.rev, Version: 1, Lease: t.Lease}
	if now != nil {
		kv.CreateRevision, kv.Version = now.CreateRevision, now.Version+1
	}
	return p.add(newRecord(kv, false))
}

func (p *pending) delete(key string) *record {
	p.rev++
	return p.add(newRecord(KeyValue{Key: key, ModRevision: p.rev}, true))
}

func (p *pending) add(r *record) *record {
	p.records = append(p.records, r)
	p.newest[r.Key] = r
	return r
}

func (p *pending) grant(ttl time.Duration) result {
	s := &p.s.lessor
	s.last++
	p.granted = append(p.granted, &lease{id: s.last, ttl: ttl, deadline: p.s.cfg.Clock.Now().Add(ttl), keys: map[string]struct{}{}})
	return result{lease: s.last}
}

func (p *pending) leased(id LeaseID) bool {
	return p.lease(id) != nil && !p.revoked[id]
}

func (p *pending) lease(id LeaseID) *lease {
	for _, l := range p.granted {
		if l.id == id {
			return l
		}
	}
	return p.s.lessor.leases[id]
}

// revoke deletes the keys that hold lease id now, also those put in this batch.
func (p *pending) revoke(id LeaseID) error {
	l := p.lease(id)
	if l == nil || p.revoked[id] {
		return ErrLeaseNotFound
	}
	keys := maps.Clone(l.keys)
	for key := range p.newest {
		keys[key] = struct{}{}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if kv := p.last(key); kv != nil && kv.Lease == id {
			p.delete(key)
		}
	}
	p.revoked[id] = true
	return nil
}

// entries is what the backend must keep for p.
func (p *pending) entries() []entry {
	var out []entry
	for _, l := range p.granted {
		if !p.revoked[l.id] {
			out = append(out, l.entry(opLease))
		}
	}
	for id := range p.revoked {
		out = append(out, (&lease{id: id}).entry(opRevoke))
	}
	for _, r := range p.records {
		out = append(out, r.disk)
	}
	return out
}
