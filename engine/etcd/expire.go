package etcd

// Upstream: server/lease/lessor.go (runLoop)

import (
	"time"
)

// untilExpiry is the time until the next lease ends.
func (s *Server) untilExpiry() time.Duration {
	now := s.cfg.Clock.Now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch due, next := s.lessor.due(now); {
	case len(due) > 0:
		return max(0, s.expireAfter.Sub(now))
	case next.IsZero():
		return time.Hour
	default:
		return next.Sub(now)
	}
}

// expire revokes the leases whose time is over. If the disk is full it tries
// again a second later.
func (s *Server) expire() error {
	now := s.cfg.Clock.Now()
	due, _ := s.lessor.due(now)
	s.expireAfter = now.Add(time.Second)
	var ops []*op
	for _, id := range due {
		ops = append(ops, &op{revoke: id, reply: make(chan result, 1)})
	}
	return s.commit(ops)
}
