package etcd

import "context"

// Rev implements KV.
func (s *Server) Rev(ctx context.Context) (int64, error) {
	if err := s.wait(ctx); err != nil {
		return 0, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.index.rev, nil
}

// Get implements KV.
func (s *Server) Get(ctx context.Context, key string, rev int64) (*KeyValue, int64, error) {
	if err := s.wait(ctx); err != nil {
		return nil, 0, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if rev == 0 {
		rev = s.index.rev
	}
	if err := s.index.visible(rev); err != nil {
		return nil, s.index.rev, err
	}
	return s.index.at(key, rev), s.index.rev, nil
}

// Range implements KV.
func (s *Server) Range(ctx context.Context, r RangeRequest) (*RangeResponse, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if r.Revision == 0 {
		r.Revision = s.index.rev
	}
	if err := s.index.visible(r.Revision); err != nil {
		return nil, err
	}
	kvs, count := s.index.scan(r)
	return &RangeResponse{KVs: kvs, Count: count, Revision: s.index.rev}, nil
}
