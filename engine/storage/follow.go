package storage

// Upstream: k8s.io/apiserver/pkg/storage/cacher/cacher.go

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kubergarten/engine/etcd"
)

// retryAfter is how long the cache waits before it follows etcd anew.
const retryAfter = 100 * time.Millisecond

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
