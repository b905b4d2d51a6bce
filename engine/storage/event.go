package storage

// Upstream: k8s.io/apiserver/pkg/storage/cacher/watch_cache.go

import (
	"sync"

	"kubergarten/engine/etcd"
)

// An event is one change. item is nil if the object was deleted, prev if there
// was none before.
type event struct {
	rev  int64
	key  string
	item *item
	prev *item

	once sync.Once
	gone *item
}

// left is what there was before, with the revision of the change: what the one
// sees for whom the object is now gone.
func (e *event) left(s *Store) *item {
	e.once.Do(func() {
		obj, err := s.withVersion(e.prev.obj, e.rev)
		if err != nil {
			obj = e.prev.obj // it has no metadata, so nobody misses the revision
		}
		e.gone = &item{obj: obj, rev: e.rev}
	})
	return e.gone
}

// event decodes what etcd sent.
func (s *Store) event(e etcd.Event) *event {
	out := &event{rev: e.KV.ModRevision, key: e.KV.Key, prev: s.decoded(e.Prev)}
	if !e.Deleted {
		out.item = s.decoded(e.KV)
	}
	return out
}

// decoded is item for those who can not fail: a bad object is reported, and is
// then as good as absent.
func (s *Store) decoded(kv *etcd.KeyValue) *item {
	if kv == nil {
		return nil
	}
	it, err := s.item(kv)
	if err != nil {
		s.cfg.Log.Error("object left out", "key", kv.Key, "err", err)
		return nil
	}
	return it
}
