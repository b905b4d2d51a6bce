package storage

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"

	"kubergarten/engine/etcd"
)

// Upstream: k8s.io/apiserver/pkg/storage/cacher/watch_cache.go

// cacheEvents is how many of the newest events the cache holds. Who needs older
// ones reads them from etcd.
const cacheEvents = 1024

// retryAfter is how long the cache waits before it follows etcd anew.
const retryAfter = 100 * time.Millisecond

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

// A cache is the newest version of each object, decoded, and the newest events.
type cache struct {
	mu      sync.RWMutex
	items   map[string]*item
	fresh   map[int64]*item // written and decoded, but not yet heard of from etcd
	events  []*event        // in order of revision
	from    int64           // events holds all after this revision
	rev     int64           // the cache knows all up to here; 0 before it is filled
	changed chan struct{}   // closed, and made anew, when rev grows
	watch   etcd.Watcher    // what the cache follows
}

func newCache() cache {
	return cache{items: map[string]*item{}, fresh: map[int64]*item{}, changed: make(chan struct{})}
}

// item returns the object that kv holds, decoded at most once while it is the
// newest version.
func (s *Store) item(kv *etcd.KeyValue) (*item, error) {
	if it := s.cache.find(kv); it != nil {
		return it, nil
	}
	obj, err := s.decode(kv)
	if err != nil {
		return nil, err
	}
	return s.cache.keep(kv.Key, &item{obj: obj, rev: kv.ModRevision}), nil
}

func (c *cache) find(kv *etcd.KeyValue) *item {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.known(kv.Key, kv.ModRevision)
}

// known returns the item of that version, if there is one. mu is held.
func (c *cache) known(key string, rev int64) *item {
	if it := c.items[key]; it != nil && it.rev == rev {
		return it
	}
	return c.fresh[rev]
}

// keep makes all others find it, unless somebody was faster.
func (c *cache) keep(key string, it *item) *item {
	c.mu.Lock()
	defer c.mu.Unlock()
	if other := c.known(key, it.rev); other != nil {
		return other
	}
	if c.rev > 0 && it.rev > c.rev {
		c.fresh[it.rev] = it
	}
	return it
}

// since returns the events after rev, up to which revision they tell all, and
// what is closed when there are more. It is not ok if the cache does not reach
// back to rev.
func (c *cache) since(rev int64) (events []*event, upTo int64, changed <-chan struct{}, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if rev < c.from {
		return nil, 0, nil, false
	}
	i := sort.Search(len(c.events), func(i int) bool { return c.events[i].rev > rev })
	return c.events[i:len(c.events):len(c.events)], c.rev, c.changed, true
}

// progress asks etcd how far it is, so that rev grows although nothing happens.
func (c *cache) progress() {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.watch != nil {
		c.watch.Progress()
	}
}

// Run follows etcd until ctx is done. It may be called once.
func (s *Store) Run(ctx context.Context) error {
	defer close(s.stopped)
	for {
		err := s.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		s.cfg.Log.Warn("watch cache starts anew", "resource", s.cfg.Resource.String(), "err", err)
		if !s.again(ctx, err) {
			return nil
		}
	}
}

// again waits until it makes sense to ask etcd again: a moment, for etcd may be
// about to go, and then until it is there.
func (s *Store) again(ctx context.Context, err error) bool {
	if errors.Is(err, etcd.ErrCompacted) {
		return true
	}
	select {
	case <-s.cfg.Clock.After(retryAfter):
	case <-ctx.Done():
		return false
	}
	if w, ok := s.cfg.KV.(interface{ Wait(context.Context) error }); ok {
		return w.Wait(ctx) == nil
	}
	return true
}

// follow fills the cache and keeps it up to date until something goes wrong.
func (s *Store) follow(ctx context.Context) error {
	resp, err := s.cfg.KV.Range(ctx, etcd.RangeRequest{Prefix: s.prefix})
	if err != nil {
		return fmt.Errorf("list %s: %w", s.cfg.Resource, err)
	}
	w, err := s.cfg.KV.Watch(ctx, s.prefix, resp.Revision+1)
	if err != nil {
		return fmt.Errorf("watch %s: %w", s.cfg.Resource, err)
	}
	defer w.Close()
	s.cache.fill(s, resp, w)
	for {
		r, err := w.Next(ctx)
		if err != nil {
			return fmt.Errorf("watch %s: %w", s.cfg.Resource, err)
		}
		s.cache.apply(s, r)
	}
}

// fill makes resp the state. Events from before are forgotten: watchers that want
// them find them in etcd.
func (c *cache) fill(s *Store, resp *etcd.RangeResponse, w etcd.Watcher) {
	items := make(map[string]*item, len(resp.KVs))
	for _, kv := range resp.KVs {
		if it := s.decoded(kv); it != nil {
			items[kv.Key] = it
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.rev == 0
	c.items, c.fresh, c.events, c.watch = items, map[int64]*item{}, nil, w
	c.from, c.rev = resp.Revision, resp.Revision
	c.wake()
	if first {
		close(s.ready)
	}
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

// apply adds what r tells.
func (c *cache) apply(s *Store, r etcd.WatchResponse) {
	events := make([]*event, 0, len(r.Events))
	for _, e := range r.Events {
		events = append(events, s.event(e))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range events {
		if e.item == nil {
			delete(c.items, e.key)
		} else {
			c.items[e.key] = e.item
		}
	}
	c.append(events)
	c.rev = max(c.rev, r.Revision)
	for rev := range c.fresh {
		if rev <= c.rev {
			delete(c.fresh, rev)
		}
	}
	c.wake()
}

// event decodes what etcd sent.
func (s *Store) event(e etcd.Event) *event {
	out := &event{rev: e.KV.ModRevision, key: e.KV.Key, prev: s.decoded(e.Prev)}
	if !e.Deleted {
		out.item = s.decoded(e.KV)
	}
	return out
}

// append adds events and forgets the oldest: half of them at a time, so that each
// is moved once.
func (c *cache) append(events []*event) {
	c.events = append(c.events, events...)
	if over := len(c.events) - 2*cacheEvents; over > 0 {
		cut := len(c.events) - cacheEvents
		c.from = c.events[cut-1].rev
		c.events = append([]*event(nil), c.events[cut:]...)
	}
}

// wake is called with mu held.
func (c *cache) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}

var _ runtime.Object = (*item)(nil)
