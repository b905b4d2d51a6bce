package etcd

import (
	"context"
	"errors"
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
