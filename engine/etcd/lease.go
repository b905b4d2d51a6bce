package etcd

// Upstream: server/lease/lessor.go

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// maxLeaseTTL is upstream's bound.
const maxLeaseTTL = 9000000000 * time.Second

// A lease deletes its keys at its deadline. After a restart it has its full time
// again, as in etcd: a lease may live longer than promised, never shorter.
type lease struct {
	id       LeaseID
	ttl      time.Duration
	deadline time.Time
	keys     map[string]struct{}
}

func (l *lease) entry(op byte) entry {
	body := append(make([]byte, 4, 16), op)
	return seal(diskKey('l', int64(l.id)), binary.AppendUvarint(body, uint64(l.ttl)))
}

// loadLease adds the lease that e grants to leases.
func loadLease(leases map[LeaseID]*lease, e entry) error {
	op, b, err := e.open()
	if err != nil {
		return err
	}
	id, err := diskNumber(e.key)
	if err != nil {
		return err
	}
	n, _, ok := uvarints(b, 1)
	if !ok {
		return fmt.Errorf("%w: lease", errRecord)
	}
	if op == opLease {
		leases[LeaseID(id)] = &lease{id: LeaseID(id), ttl: time.Duration(n[0]), keys: map[string]struct{}{}}
	}
	return nil
}

// A lessor keeps the leases. Server.mu guards it.
type lessor struct {
	leases map[LeaseID]*lease
	last   LeaseID
}

// restore takes over the leases of the disk, and says which keys they hold.
func (s *lessor) restore(leases map[LeaseID]*lease, x *index, now time.Time) {
	s.leases = leases
	for id, l := range leases {
		l.deadline = now.Add(l.ttl)
		s.last = max(s.last, id)
	}
	x.keys.Scan(func(key string, versions []*record) bool {
		if kv := versions[len(versions)-1].kv(); kv != nil {
			s.attach(kv.Lease, key)
		}
		return true
	})
}

func (s *lessor) attach(id LeaseID, key string) {
	if l := s.leases[id]; l != nil {
		l.keys[key] = struct{}{}
	}
}

func (s *lessor) detach(id LeaseID, key string) {
	if l := s.leases[id]; l != nil {
		delete(l.keys, key)
	}
}

// due returns the leases whose deadline has passed, and when the next one is.
func (s *lessor) due(now time.Time) (due []LeaseID, next time.Time) {
	for id, l := range s.leases {
		if !l.deadline.After(now) {
			due = append(due, id)
		} else if next.IsZero() || l.deadline.Before(next) {
			next = l.deadline
		}
	}
	slices.Sort(due)
	return due, next
}

// Grant implements KV.
func (s *Server) Grant(ctx context.Context, ttl time.Duration) (LeaseID, error) {
	if ttl <= 0 || ttl > maxLeaseTTL {
		return 0, ErrLeaseTTL
	}
	r, err := s.do(ctx, &op{grant: ttl})
	return r.lease, err
}

// Revoke implements KV.
func (s *Server) Revoke(ctx context.Context, id LeaseID) error {
	_, err := s.do(ctx, &op{revoke: id})
	return err
}

// KeepAlive implements KV. It only moves the deadline away, so the timer of Run
// may fire early, and then looks again.
func (s *Server) KeepAlive(ctx context.Context, id LeaseID) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lessor.leases[id]
	if l == nil {
		return ErrLeaseNotFound
	}
	l.deadline = s.cfg.Clock.Now().Add(l.ttl)
	return nil
}
