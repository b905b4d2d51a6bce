package etcd

// Upstream: api/v3rpc/rpctypes/error.go, client/v3/kv.go, watch.go, lease.go

import (
	"context"
	"errors"
	"time"
)

// What the store refuses, in etcd's words.
var (
	ErrCompacted     = errors.New("etcdserver: mvcc: required revision has been compacted")
	ErrFutureRev     = errors.New("etcdserver: mvcc: required revision is a future revision")
	ErrNoSpace       = errors.New("etcdserver: mvcc: database space exceeded")
	ErrEmptyKey      = errors.New("etcdserver: key is not provided")
	ErrTooLarge      = errors.New("etcdserver: request is too large")
	ErrLeaseNotFound = errors.New("etcdserver: requested lease not found")
	ErrLeaseTTL      = errors.New("etcdserver: too small or too large lease TTL")
	ErrStopped       = errors.New("etcdserver: server stopped")
)

// Any as TxnRequest.ModRevision compares with nothing: the write always happens.
const Any int64 = -1

// A LeaseID names a lease; 0 is no lease.
type LeaseID int64

// A KeyValue is one version of a key. It is shared by all who read it: never
// change it, nor the bytes of its value.
type KeyValue struct {
	Key            string
	Value          []byte
	CreateRevision int64 // of the write that created the key
	ModRevision    int64 // of the write that made this version
	Version        int64 // 1 at creation, one more at each change
	Lease          LeaseID
}

// An Event is one write. KV is what was written, or for a deletion only the key
// and the revision; Prev is what was there before, nil if nothing.
type Event struct {
	Deleted bool
	KV      *KeyValue
	Prev    *KeyValue
}

// A RangeRequest asks for the keys that begin with Prefix, in order, from the key
// From on (inclusive; empty: all), at most Limit of them (0: all), as they were at
// Revision (0: now).
type RangeRequest struct {
	Prefix, From string
	Limit        int
	Revision     int64
}

// A RangeResponse is the answer: the state at Revision.
type RangeResponse struct {
	KVs      []*KeyValue
	Count    int64 // how many there are from From on, also beyond Limit
	Revision int64 // the store's revision when it answered
}

// More reports whether Limit cut the answer short.
func (r *RangeResponse) More() bool { return r.Count > int64(len(r.KVs)) }

// A TxnRequest is "if the key's ModRevision is this (0: it does not exist; Any: do
// not ask), then put Value, or delete the key, else get it".
type TxnRequest struct {
	Key         string
	ModRevision int64
	Delete      bool
	Value       []byte // must not change afterwards
	Lease       LeaseID
}

// A TxnResponse says whether the comparison held. KV is then what was put (nil
// after a deletion), and Prev what was there before; else KV is what is there
// (nil if nothing).
type TxnResponse struct {
	Succeeded bool
	KV, Prev  *KeyValue
	Revision  int64 // of the write; if there was none, of the store
}

// A WatchResponse is some events in order of revision, or none: then it only says
// that there are no more up to Revision.
type WatchResponse struct {
	Events   []Event
	Revision int64 // all events up to here have now been sent
}

// A Watcher receives the events of one watch. Only one goroutine may call Next.
type Watcher interface {
	// Next blocks until there is something to say. It fails with ErrCompacted if
	// history no longer reaches back to where the watcher is, with ErrStopped,
	// or with the error of ctx.
	Next(ctx context.Context) (WatchResponse, error)
	// Progress asks for a response without events once the watcher is synced.
	Progress()
	// Close ends the watch.
	Close()
}

// KV is the store as the API server sees it.
type KV interface {
	// Rev returns the newest revision.
	Rev(ctx context.Context) (int64, error)
	// Get returns the key as it was at rev (0: now), nil if it did not exist, and
	// the store's revision.
	Get(ctx context.Context, key string, rev int64) (*KeyValue, int64, error)
	// Range returns many keys. It fails with ErrCompacted or ErrFutureRev.
	Range(ctx context.Context, r RangeRequest) (*RangeResponse, error)
	// Txn writes one key. When it returns without error the write is durable; if
	// it returns the error of ctx, the write may still happen.
	Txn(ctx context.Context, t TxnRequest) (*TxnResponse, error)
	// Watch sends the events of all keys that begin with prefix, from revision
	// from on (0: from now on). from must be above the compacted revision.
	Watch(ctx context.Context, prefix string, from int64) (Watcher, error)
	// Compact forgets what was overwritten or deleted at or before rev.
	Compact(ctx context.Context, rev int64) error
	// Grant makes a lease: keys put with it are deleted when ttl has passed.
	Grant(ctx context.Context, ttl time.Duration) (LeaseID, error)
	// KeepAlive gives a lease its full time again.
	KeepAlive(ctx context.Context, id LeaseID) error
	// Revoke ends a lease now, and deletes its keys.
	Revoke(ctx context.Context, id LeaseID) error
}
