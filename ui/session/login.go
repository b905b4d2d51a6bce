package session

import (
	"crypto/sha256"
	"encoding/hex"
)

// A Login is a session in use: of a page or a socket that stays open longer
// than a request.
type Login struct {
	store  *Store
	secret [32]byte
	gone   <-chan struct{}
}

// Login returns the session of a cookie; false if there is none.
func (s *Store) Login(cookie string) (*Login, bool) {
	secret, ok := parse(cookie)
	if !ok {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := sha256.Sum256(secret[:])
	if !s.lives(id) {
		return nil, false
	}
	if s.gone[id] == nil {
		s.gone[id] = make(chan struct{})
	}
	return &Login{s, secret, s.gone[id]}, true
}

// ID names the session. It is no secret: nobody gets in by it.
func (l *Login) ID() string {
	id := sha256.Sum256(l.secret[:])
	return hex.EncodeToString(id[:16])
}

// Gone is closed when the session is closed. That it is over with time only
// Alive tells.
func (l *Login) Gone() <-chan struct{} { return l.gone }

// Alive tells whether the session lives. used prolongs it, as Find does.
func (l *Login) Alive(used bool) bool {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	id := sha256.Sum256(l.secret[:])
	if !l.store.lives(id) {
		return false
	}
	if used {
		l.store.prolong(id)
	}
	return true
}
