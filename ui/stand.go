package ui

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"sync"
	"time"

	"kubergarten/ui/frame"
	"kubergarten/ui/session"
)

// trusted is how long a token is taken to be good after the API server was asked.
const trusted = time.Minute

// A login is a session as long as its token stands.
type login struct {
	*session.Login
	stands func() bool
}

var _ frame.Login = login{}

// Alive tells whether the session lives and its token stands.
func (l login) Alive(used bool) bool { return l.Login.Alive(used) && l.stands() }

// loginOf is the session that the request's cookie names, or nil, and whose it is.
func (s *Server) loginOf(r *http.Request) (frame.Login, session.Who) {
	who, known := s.sessionOf(r)
	if !known {
		return nil, who
	}
	c, _ := r.Cookie(s.cookieName()) // it has just been read
	l, ok := s.sessions.Login(c.Value)
	if !ok {
		return nil, who
	}
	// Not by the request's context: who hangs up early would never be judged.
	ctx := context.WithoutCancel(r.Context())
	return login{l, func() bool {
		if s.stands(ctx, l.ID(), who) {
			return true
		}
		s.sessions.Close(c.Value)
		return false
	}}, who
}

// stands tells whether a session's token is still good: a token may expire, and
// the service account may be deleted. The API server is asked at most once a
// minute; one that is away logs nobody out. The owner is known by the link.
func (s *Server) stands(ctx context.Context, id string, who session.Who) bool {
	if who.Owner || !s.asked.due(id, s.cfg.Clock.Now()) {
		return true
	}
	_, err := s.check(ctx, who.Bearer)
	return !errors.Is(err, errToken) || errors.Is(err, errMute)
}

// turns are when each session's token was last judged.
type turns struct {
	mu   sync.Mutex
	last map[string]time.Time // by the session's ID; no older than trusted
}

// due tells whether it is a session's turn, and takes it.
func (t *turns) due(id string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.last, func(_ string, at time.Time) bool { return now.Sub(at) >= trusted })
	if _, fresh := t.last[id]; fresh {
		return false
	}
	if t.last == nil {
		t.last = map[string]time.Time{}
	}
	t.last[id] = now
	return true
}
