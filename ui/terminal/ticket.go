package terminal

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"kubergarten/ui/frame"
)

// Limits of tickets.
const (
	ticketLife  = 30 * time.Second
	mostTickets = 1000
)

// A bearer is whom a ticket was given to: a visitor, in a session.
type bearer struct{ owner, login string }

func bearerOf(v *frame.Visitor) bearer {
	b := bearer{owner: v.User.GetName() + "\x00" + v.User.GetUID()}
	if v.Login != nil {
		b.login = v.Login.ID()
	}
	return b
}

// tickets are those given and not yet taken. A page elsewhere can make the
// browser open a socket with the visitor's cookie, but cannot read a ticket.
type tickets struct {
	clock clock.PassiveClock

	mu    sync.Mutex
	given map[[32]byte]ticket // by the hash of what was given
}

type ticket struct {
	to      bearer
	expires time.Time
}

func newTickets(c clock.PassiveClock) *tickets {
	return &tickets{clock: c, given: map[[32]byte]ticket{}}
}

// give makes a ticket.
func (t *tickets) give(to bearer) string {
	text := rand.Text()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.prune()
	t.given[sha256.Sum256([]byte(text))] = ticket{to, t.clock.Now().Add(ticketLife)}
	return text
}

// take tells whether the ticket is good, and uses it up: also when somebody
// else brings it, for then it was stolen.
func (t *tickets) take(text string, by bearer) bool {
	hash := sha256.Sum256([]byte(text))
	t.mu.Lock()
	defer t.mu.Unlock()
	got, ok := t.given[hash]
	delete(t.given, hash)
	return ok && got.to == by && t.clock.Now().Before(got.expires)
}

// prune makes room: of those too old, and of the oldest when there are too many.
func (t *tickets) prune() {
	now := t.clock.Now()
	var first [32]byte
	var when time.Time
	for hash, g := range t.given {
		if !now.Before(g.expires) {
			delete(t.given, hash)
		} else if when.IsZero() || g.expires.Before(when) {
			first, when = hash, g.expires
		}
	}
	if len(t.given) >= mostTickets {
		delete(t.given, first)
	}
}
