package etcd

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"kubergarten/engine/trace"
)

// errFatal is in the errors of a backend after which its file can not be trusted.
var errFatal = errors.New("the state on disk is unknown")

// How much one batch may hold.
const (
	batchOps   = 1024
	batchBytes = 8 << 20
)

// An op is one request to the goroutine of Run: the field that is set says which.
type op struct {
	txn     *TxnRequest
	grant   time.Duration
	revoke  LeaseID
	compact int64
	reply   chan result // has room for one
}

type result struct {
	txn   *TxnResponse
	lease LeaseID
	err   error
}

// do hands o to Run and waits for the answer.
func (s *Server) do(ctx context.Context, o *op) (result, error) {
	if err := s.wait(ctx); err != nil {
		return result{}, err
	}
	o.reply = make(chan result, 1)
	select {
	case s.ops <- o:
	case <-s.stopped:
		return result{}, ErrStopped
	case <-ctx.Done():
		return result{}, ctx.Err()
	}
	select {
	case r := <-o.reply:
		return r, r.err
	case <-s.stopped:
		return result{}, ErrStopped
	case <-ctx.Done():
		return result{}, ctx.Err()
	}
}

// Txn implements KV.
func (s *Server) Txn(ctx context.Context, t TxnRequest) (*TxnResponse, error) {
	switch {
	case t.Key == "":
		return nil, ErrEmptyKey
	case len(t.Key) > maxKey || len(t.Value) > s.cfg.RequestBytes:
		return nil, ErrTooLarge
	}
	r, err := s.do(ctx, &op{txn: &t})
	return r.txn, err
}

// batch returns first and the requests that wait behind it.
func (s *Server) batch(first *op) []*op {
	ops, bytes := []*op{first}, first.bytes()
	for len(ops) < batchOps && bytes < batchBytes {
		select {
		case o := <-s.ops:
			ops, bytes = append(ops, o), bytes+o.bytes()
		default:
			return ops
		}
	}
	return ops
}

func (o *op) bytes() int {
	if o.txn == nil {
		return 0
	}
	return len(o.txn.Value)
}

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

// commit serves ops, all with one write to the disk. Its error is fatal.
func (s *Server) commit(ops []*op) error {
	p := &pending{s: s, rev: s.index.rev, newest: map[string]*record{}, revoked: map[LeaseID]bool{}, results: make([]result, len(ops))}
	for i, o := range ops {
		p.results[i] = p.do(o)
	}
	err := s.makeDurable(p)
	for i, o := range ops {
		if err != nil {
			p.results[i] = result{err: err}
		}
		if o.compact != 0 && err == nil {
			p.results[i].err = s.compact(o.compact)
			err = fatal(p.results[i].err)
		}
		o.reply <- p.results[i]
	}
	if err = fatal(err); err != nil {
		return err
	}
	return s.limitHistory()
}

func fatal(err error) error {
	if errors.Is(err, errFatal) {
		return err
	}
	return nil
}

// makeDurable writes p, then shows it.
func (s *Server) makeDurable(p *pending) error {
	entries := p.entries()
	if len(entries) == 0 {
		return nil
	}
	if err := s.backend.commit(entries); err != nil {
		s.cfg.Log.Error("write failed", "err", err)
		return err
	}
	for _, r := range p.records {
		s.cfg.Trace.Emit(trace.Record{Who: Name, Step: trace.Committed, Object: refOf(r.Key), Revision: r.ModRevision})
	}
	s.show(p)
	return nil
}

// show makes p visible to readers and watchers, in one moment.
func (s *Server) show(p *pending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range p.granted {
		s.lessor.leases[l.id] = l
	}
	for _, r := range p.records {
		if old := s.index.last(r.Key).kv(); old != nil {
			s.lessor.detach(old.Lease, r.Key)
		}
		s.index.apply(r)
		if !r.deleted {
			s.lessor.attach(r.Lease, r.Key)
		}
	}
	for id := range p.revoked {
		delete(s.lessor.leases, id)
	}
	s.notify(p.records)
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

// untilExpiry is the time until the next lease ends.
func (s *Server) untilExpiry() time.Duration {
	now := s.cfg.Clock.Now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch due, next := s.lessor.due(now); {
	case len(due) > 0:
		return max(0, s.expireAfter.Sub(now))
	case next.IsZero():
		return time.Hour
	default:
		return next.Sub(now)
	}
}

// expire revokes the leases whose time is over. If the disk is full it tries
// again a second later.
func (s *Server) expire() error {
	now := s.cfg.Clock.Now()
	due, _ := s.lessor.due(now)
	s.expireAfter = now.Add(time.Second)
	var ops []*op
	for _, id := range due {
		ops = append(ops, &op{revoke: id, reply: make(chan result, 1)})
	}
	return s.commit(ops)
}

// refOf guesses the object from its key: /registry/pods/default/web is the pod
// web in default.
func refOf(key string) trace.Ref {
	parts := strings.Split(strings.TrimPrefix(key, "/registry/"), "/")
	ref := trace.Ref{Resource: parts[0], Name: parts[len(parts)-1]}
	if len(parts) > 2 {
		ref.Namespace = parts[len(parts)-2]
	}
	if ref.Resource == "minions" {
		ref.Resource = "nodes"
	}
	return ref
}
