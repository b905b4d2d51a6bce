package terminal

import "time"

// idlest is the shell that nobody looks at for the longest time, or nil.
func idlest(all []*shell) *shell {
	var found *shell
	var since time.Time
	for _, s := range all {
		if left, idle := s.idle(); idle && (found == nil || left.Before(since)) {
			found, since = s, left
		}
	}
	return found
}

// idle tells since when nobody looks at the shell.
func (s *shell) idle() (since time.Time, idle bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left, s.looker == nil && !s.left.IsZero()
}
