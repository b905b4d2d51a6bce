package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// Limits of sessions.
const (
	// Lifetime is how long a session lives after its last use.
	Lifetime = 24 * time.Hour
	// touch is how much of a lifetime goes by before a use is written down.
	touch = time.Hour
	// most is how many sessions there are; the one nearest its end makes room.
	most = 1000
)

// A Who is whom a session stands for.
type Who struct {
	// Owner has the credential of the server's kubeconfig, not one of its own.
	Owner bool `json:"owner,omitempty"`
	// Name, UID, Groups and Extra are the user as the API server sees it.
	Name   string              `json:"name"`
	UID    string              `json:"uid,omitempty"`
	Groups []string            `json:"groups,omitempty"`
	Extra  map[string][]string `json:"extra,omitempty"`
	// Bearer is the token that logged in.
	Bearer string `json:"bearer,omitempty"`
}

// Config is what a Store needs.
type Config struct {
	// Dir is where the sessions are kept; nil keeps them in memory alone.
	Dir   *os.Root
	Clock clock.PassiveClock
	Log   *slog.Logger
}

// A Store is all sessions.
type Store struct {
	dir   *os.Root
	clock clock.PassiveClock
	log   *slog.Logger

	mu  sync.Mutex
	all map[[32]byte]entry // by the hash of the cookie's bytes
	// gone are closed when their session is; only of sessions in use.
	gone map[[32]byte]chan struct{}
}

// An entry is a session as it is kept.
type entry struct {
	sealed  []byte
	expires time.Time
}

// New returns the sessions that Dir holds. A file that cannot be read is told
// and left behind: everybody logs in again.
func New(c Config) (*Store, error) {
	s := &Store{dir: c.Dir, clock: c.Clock, log: c.Log, all: map[[32]byte]entry{}, gone: map[[32]byte]chan struct{}{}}
	if s.dir == nil {
		return s, nil
	}
	kept, err := load(s.dir)
	if err != nil {
		s.log.Warn("sessions are lost, log in again", "err", err)
		return s, nil
	}
	s.all = kept
	s.prune()
	return s, nil
}

// Open begins a session and returns what goes into the cookie.
func (s *Store) Open(who Who) (cookie string, err error) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	sealed, err := seal(secret, who)
	if err != nil {
		return "", fmt.Errorf("open session: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prune()
	s.all[sha256.Sum256(secret[:])] = entry{sealed, s.clock.Now().Add(Lifetime)}
	s.save()
	return base64.RawURLEncoding.EncodeToString(secret[:]), nil
}

// Find returns whom the cookie stands for, and prolongs the session.
func (s *Store) Find(cookie string) (Who, bool) {
	secret, ok := parse(cookie)
	if !ok {
		return Who{}, false
	}
	id := sha256.Sum256(secret[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lives(id) {
		return Who{}, false
	}
	who, err := unseal(secret, s.all[id].sealed)
	if err != nil {
		return Who{}, false
	}
	s.prolong(id)
	return who, true
}

// lives tells whether there is such a session and it is not over.
func (s *Store) lives(id [32]byte) bool {
	e, ok := s.all[id]
	return ok && s.clock.Now().Before(e.expires)
}

// prolong gives a session its whole lifetime again.
func (s *Store) prolong(id [32]byte) {
	e, now := s.all[id], s.clock.Now()
	if e.expires.Sub(now) < Lifetime-touch {
		e.expires = now.Add(Lifetime)
		s.all[id] = e
		s.save()
	}
}

// remove forgets a session, and tells those who use it.
func (s *Store) remove(id [32]byte) {
	delete(s.all, id)
	if gone, ok := s.gone[id]; ok {
		close(gone)
		delete(s.gone, id)
	}
}

// Close ends a session.
func (s *Store) Close(cookie string) {
	secret, ok := parse(cookie)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(sha256.Sum256(secret[:]))
	s.save()
}

// prune takes away what has ended, and the nearest to its end when full.
func (s *Store) prune() {
	now := s.clock.Now()
	for id, e := range s.all {
		if !now.Before(e.expires) {
			s.remove(id)
		}
	}
	for len(s.all) >= most {
		var first [32]byte
		var when time.Time
		for id, e := range s.all {
			if when.IsZero() || e.expires.Before(when) {
				first, when = id, e.expires
			}
		}
		s.remove(first)
	}
}

// save writes the sessions down. A disk that refuses costs a login after the
// next restart, not this one.
func (s *Store) save() {
	if s.dir == nil {
		return
	}
	if err := store(s.dir, s.all); err != nil {
		s.log.Warn("sessions are not kept", "err", err)
	}
}

// parse reads a cookie.
func parse(cookie string) (secret [32]byte, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(cookie)
	if err != nil || len(b) != len(secret) {
		return secret, false
	}
	return [32]byte(b), true
}
