package etcd

// Upstream: server/storage/mvcc/index.go, key_index.go

import (
	"fmt"
	"iter"
	"sort"
	"strings"

	"github.com/tidwall/btree"
)

// An index is the state: every key with its versions, and the history, both in
// order of revision. With compaction at 5, and writes 4:a 5:b 6:a 7:delete b,
//
//	keys     a: [4 6]   b: [5 7]
//	history  [6 7]
//
// 4 is kept because it was a's version at 5, the oldest revision one may read.
type index struct {
	keys      btree.Map[string, []*record]
	history   []*record // all with ModRevision > compacted
	bytes     int       // size of history
	all       int       // size of all records
	rev       int64
	compacted int64
}

// newIndex returns an empty index. As in etcd, the first write has revision 2.
func newIndex() *index { return &index{rev: 1} }

// apply adds r, the newest record.
func (x *index) apply(r *record) {
	versions, _ := x.keys.Get(r.Key)
	x.keys.Set(r.Key, append(versions, r))
	x.rev = max(x.rev, r.ModRevision)
	x.all += r.size()
	if r.ModRevision > x.compacted {
		x.history = append(x.history, r)
		x.bytes += r.size()
	}
}

// last returns the newest record of key, nil if it never existed.
func (x *index) last(key string) *record {
	versions, _ := x.keys.Get(key)
	if len(versions) == 0 {
		return nil
	}
	return versions[len(versions)-1]
}

// at returns what key was at rev, nil if it did not exist.
func (x *index) at(key string, rev int64) *KeyValue {
	versions, _ := x.keys.Get(key)
	return version(versions, rev).kv()
}

// version returns the newest record of versions that is not newer than rev.
func version(versions []*record, rev int64) *record {
	i := len(versions)
	if i > 0 && versions[i-1].ModRevision > rev {
		i = sort.Search(i, func(i int) bool { return versions[i].ModRevision > rev })
	}
	if i == 0 {
		return nil
	}
	return versions[i-1]
}

// visible fails if the state at rev can not be known.
func (x *index) visible(rev int64) error {
	if rev < x.compacted {
		return ErrCompacted
	}
	if rev > x.rev {
		return ErrFutureRev
	}
	return nil
}

// scan returns the keys that r asks for, and how many there would be without limit.
func (x *index) scan(r RangeRequest) (kvs []*KeyValue, count int64) {
	x.keys.Ascend(max(r.Prefix, r.From), func(key string, versions []*record) bool {
		if !strings.HasPrefix(key, r.Prefix) {
			return false
		}
		if kv := version(versions, r.Revision).kv(); kv != nil {
			count++
			if r.Limit <= 0 || len(kvs) < r.Limit {
				kvs = append(kvs, kv)
			}
		}
		return true
	})
	return kvs, count
}

// since returns the history from rev on.
func (x *index) since(rev int64) []*record {
	i := sort.Search(len(x.history), func(i int) bool { return x.history[i].ModRevision >= rev })
	return x.history[i:]
}

// event makes the event of r, which is in history.
func (x *index) event(r *record) Event {
	versions, _ := x.keys.Get(r.Key)
	e := Event{KV: &r.KeyValue, Prev: version(versions, r.ModRevision-1).kv()}
	if r.deleted {
		e.Deleted = true
	}
	return e
}

// survivors are the entries that remain when all up to rev is compacted: the
// history after rev, and what each key was at rev.
func (x *index) survivors(rev int64) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		if !yield(meta{compacted: rev, floor: x.rev}.entry()) {
			return
		}
		x.keys.Scan(func(_ string, versions []*record) bool {
			keep := version(versions, rev)
			for _, r := range versions {
				if r.ModRevision > rev || r == keep && !r.deleted {
					if !yield(r.disk) {
						return false
					}
				}
			}
			return true
		})
	}
}

// excess returns the revision up to which history must be compacted for its
// size to become half of limit, or 0 if it is within limit.
func (x *index) excess(limit int) int64 {
	if x.bytes <= limit {
		return 0
	}
	size := x.bytes
	for _, r := range x.history {
		if size -= r.size(); size <= limit/2 {
			return r.ModRevision
		}
	}
	return x.rev
}

// loadIndex builds the index from what the backend keeps, and returns the leases
// it met. Records come in the order of their keys: leases, meta, revisions.
func loadIndex(b backend) (*index, map[LeaseID]*lease, error) {
	x, leases := newIndex(), map[LeaseID]*lease{}
	err := b.load(func(e entry) error {
		switch {
		case strings.HasPrefix(e.key, "l"):
			return loadLease(leases, e)
		case e.key == "m":
			m, err := openMeta(e)
			x.compacted, x.rev = m.compacted, max(x.rev, m.floor)
			return err
		}
		r, err := openRecord(e)
		if err != nil {
			return fmt.Errorf("record %s: %w", e.key, err)
		}
		x.apply(r)
		return nil
	})
	return x, leases, err
}
