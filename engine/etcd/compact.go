package etcd

// Upstream: server/storage/mvcc/kvstore_compaction.go

import (
	"context"
	"fmt"
	"iter"
)

// Compact implements KV.
func (s *Server) Compact(ctx context.Context, rev int64) error {
	if rev <= 0 {
		return ErrCompacted
	}
	_, err := s.do(ctx, &op{compact: rev})
	return err
}

// compact rewrites the backend without what rev makes superfluous, and reads it
// back, so that RAM and disk agree and share their memory as after a start.
func (s *Server) compact(rev int64) error {
	if rev <= s.index.compacted {
		return ErrCompacted
	}
	if rev > s.index.rev {
		return ErrFutureRev
	}
	before := s.index.all
	if err := s.backend.rewrite(s.remains(rev)); err != nil {
		return fmt.Errorf("compact to revision %d: %w", rev, err)
	}
	x, _, err := loadIndex(s.backend)
	if err != nil {
		return fmt.Errorf("%w: read after compaction: %w", errFatal, err)
	}
	s.mu.Lock()
	s.index = x
	s.mu.Unlock()
	s.syncWatchers() // those that compaction overtook must hear of it
	s.cfg.Log.Info("history compacted", "revision", rev, "bytes", before, "remaining", x.all)
	return nil
}

// remains are the entries that outlive compaction to rev.
func (s *Server) remains(rev int64) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for _, l := range s.lessor.leases {
			if !yield(l.entry(opLease)) {
				return
			}
		}
		s.index.survivors(rev)(yield)
	}
}

// limitHistory compacts when history has become too large. If that fails, for
// the disk is full perhaps, it tries again when history has grown by a quarter.
func (s *Server) limitHistory() error {
	if s.index.bytes < s.retry {
		return nil
	}
	rev := s.index.excess(s.cfg.HistoryBytes)
	if rev == 0 {
		return nil
	}
	s.retry = 0
	err := s.compact(rev)
	if err != nil {
		s.retry = s.index.bytes + s.cfg.HistoryBytes/4
		s.cfg.Log.Error("history is too large, but can not be compacted", "err", err)
	}
	return fatal(err)
}
