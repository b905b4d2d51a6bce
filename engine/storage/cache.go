package storage

// Upstream: k8s.io/apiserver/pkg/storage/cacher/watch_cache.go

import (
	"sort"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"

	"kubergarten/engine/etcd"
)

// cacheEvents is how many of the newest events the cache holds. Who needs older
// ones reads them from etcd.
const cacheEvents = 1024

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

// oldest is the revision after which the cache has all events.
func (c *cache) oldest() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.from
}

// progress asks etcd how far it is, so that rev grows although nothing happens.
func (c *cache) progress() {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.watch != nil {
		c.watch.Progress()
	}
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
