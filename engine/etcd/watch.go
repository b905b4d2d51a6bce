package etcd

// Upstream: server/storage/mvcc/watchable_store.go, watcher_group.go

import (
	"context"
	"strings"
	"sync/atomic"
)

// How much a watcher may hold, in responses, and how many events one holds.
const (
	watchBuffer = 128
	watchBatch  = 1000
)

// watchers are in one of three groups. Server.mu guards it all.
//
//	unsynced --has read all history--> synced --channel full--> victims
//	   ^                                                           |
//	   +-------------------channel has room again------------------+
type watchers struct {
	synced, unsynced, victims map[*watcher]struct{}
}

func newWatchers() watchers {
	return watchers{map[*watcher]struct{}{}, map[*watcher]struct{}{}, map[*watcher]struct{}{}}
}

// A watcher is one watch.
type watcher struct {
	s      *Server
	prefix string
	out    chan WatchResponse
	behind atomic.Bool   // it is unsynced or a victim: Next must wake Run
	failed chan struct{} // closed when compaction overtook it

	// Guarded by Server.mu:
	next int64          // the first revision it has not seen
	held *WatchResponse // a victim's response that found no room
}

// Watch implements KV.
func (s *Server) Watch(ctx context.Context, prefix string, from int64) (Watcher, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if from == 0 {
		from = s.index.rev + 1
	}
	if from <= s.index.compacted {
		return nil, ErrCompacted
	}
	w := &watcher{s: s, prefix: prefix, next: from, out: make(chan WatchResponse, watchBuffer), failed: make(chan struct{})}
	if from > s.index.rev {
		s.watchers.synced[w] = struct{}{}
	} else {
		s.watchers.unsynced[w] = struct{}{}
		w.behind.Store(true)
		s.wake()
	}
	return w, nil
}

// wake makes Run look after the watchers that are behind.
func (s *Server) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// Next implements Watcher.
func (w *watcher) Next(ctx context.Context) (WatchResponse, error) {
	select {
	case r := <-w.out: // what was sent comes before what ended the watch
		return w.took(r)
	default:
	}
	select {
	case r := <-w.out:
		return w.took(r)
	case <-w.failed:
		return WatchResponse{}, ErrCompacted
	case <-w.s.stopped:
		return WatchResponse{}, ErrStopped
	case <-ctx.Done():
		return WatchResponse{}, ctx.Err()
	}
}

// took wakes Run if the room that r leaves is waited for. Run, for its part,
// looks at the room after it has set behind: one of the two sees the other.
func (w *watcher) took(r WatchResponse) (WatchResponse, error) {
	if w.behind.Load() {
		w.s.wake()
	}
	return r, nil
}

// Progress implements Watcher. The others get a response when they catch up.
func (w *watcher) Progress() {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if _, ok := w.s.watchers.synced[w]; ok {
		w.s.offer(w, WatchResponse{Revision: w.s.index.rev})
	}
}

// Close implements Watcher.
func (w *watcher) Close() {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.s.watchers.remove(w)
}

func (g *watchers) remove(w *watcher) {
	delete(g.synced, w)
	delete(g.unsynced, w)
	delete(g.victims, w)
}

// notify sends records, just applied, to the synced watchers. mu is held.
func (s *Server) notify(records []*record) {
	if len(records) == 0 {
		return
	}
	for w := range s.watchers.synced {
		if events := s.eventsFor(w, records); len(events) > 0 {
			s.offer(w, WatchResponse{Events: events, Revision: s.index.rev})
		} else {
			w.next = max(w.next, s.index.rev+1)
		}
	}
}

func (s *Server) eventsFor(w *watcher, records []*record) (events []Event) {
	for _, r := range records {
		if r.ModRevision >= w.next && strings.HasPrefix(r.Key, w.prefix) {
			events = append(events, s.index.event(r))
		}
	}
	return events
}

// offer sends r to w if there is room, and else makes it a victim. It puts w in
// the group where it then belongs. mu is held.
func (s *Server) offer(w *watcher, r WatchResponse) (sent bool) {
	s.watchers.remove(w)
	select {
	case w.out <- r:
		w.held = nil
		w.next = max(w.next, r.Revision+1)
		s.place(w)
		return true
	default:
	}
	w.held = &r
	s.watchers.victims[w] = struct{}{}
	w.behind.Store(true)
	if len(w.out) < cap(w.out) { // Next may have looked at behind too early
		s.wake()
	}
	return false
}

// place puts w, which holds nothing, among the synced or the unsynced.
func (s *Server) place(w *watcher) {
	if w.next > s.index.rev {
		s.watchers.synced[w] = struct{}{}
		w.behind.Store(false)
		return
	}
	s.watchers.unsynced[w] = struct{}{}
	w.behind.Store(true)
	s.wake()
}

// syncWatchers sends to victims what they are owed, and to unsynced watchers a
// batch of history each.
func (s *Server) syncWatchers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.watchers.victims {
		if len(w.out) < cap(w.out) {
			s.offer(w, *w.held)
		}
	}
	for w := range s.watchers.unsynced {
		s.replay(w)
	}
}

// replay sends w the next batch of history. mu is held.
func (s *Server) replay(w *watcher) {
	if w.next <= s.index.compacted {
		s.watchers.remove(w)
		close(w.failed)
		return
	}
	r := WatchResponse{Revision: s.index.rev}
	for _, rec := range s.index.since(w.next) {
		if len(r.Events) == watchBatch {
			r.Revision = rec.ModRevision - 1
			break
		}
		if strings.HasPrefix(rec.Key, w.prefix) {
			r.Events = append(r.Events, s.index.event(rec))
		}
	}
	s.offer(w, r)
}
