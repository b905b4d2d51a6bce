package storage

// Upstream: k8s.io/apiserver/pkg/storage/etcd3/lease_manager.go

import (
	"context"
	"sync"
	"time"

	"kubergarten/engine/clock"
	"kubergarten/engine/etcd"
)

// How long a lease is given to new objects, and to how many.
const (
	leaseReuse   = 60 * time.Second
	leaseObjects = 1000
)

// leases hands out leases, one for many objects: an object may outlive its TTL by
// the time that a lease is reused.
type leases struct {
	kv    etcd.KV
	clock clock.Clock

	mu      sync.Mutex
	id      etcd.LeaseID
	expires time.Time
	objects int
}

// get returns a lease that ends in ttl or a little later; 0 if ttl is 0.
func (l *leases) get(ctx context.Context, ttl time.Duration) (etcd.LeaseID, error) {
	if ttl <= 0 {
		return 0, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now, reuse := l.clock.Now(), min(leaseReuse, ttl/20)
	long := now.Add(ttl).Before(l.expires)
	short := now.Add(ttl + reuse).After(l.expires)
	if l.id != 0 && long && short && l.objects < leaseObjects {
		l.objects++
		return l.id, nil
	}
	id, err := l.kv.Grant(ctx, ttl+reuse)
	if err != nil {
		return 0, err
	}
	l.id, l.expires, l.objects = id, now.Add(ttl+reuse), 1
	return id, nil
}
