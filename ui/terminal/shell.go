package terminal

import (
	"context"
	"errors"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

const (
	// grace is how long a shell lives that nobody looks at: long enough to read
	// other pages in between.
	grace = 15 * time.Minute
	// chunk is how much is read or sent at once.
	chunk = 16 << 10
	// mostPending is how much a page may type ahead of the shell.
	mostPending = 64 << 10
)

var errPending = errors.New("more was typed than the shell takes")

// A shell is a session and the last of what it said, whether or not somebody
// looks at it.
type shell struct {
	id      string
	owner   string
	clock   clock.WithDelayedExecution
	session Session
	stop    context.CancelFunc // ends it

	mu      sync.Mutex
	bell    chan struct{} // closed and renewed when anything below changes
	said    ring
	sent    int64  // how much of it the looker was sent
	shown   int64  // how much of that it has shown
	typed   int64  // how much the page has typed
	pending []byte // the end of that, which the shell has not been given
	taken   int64  // how much the shell has taken
	ended   bool
	looker  *socket     // who looks at it, or nil
	left    time.Time   // when the last one left
	last    clock.Timer // ends it then, after a while
}

// run moves bytes until ctx ends; then the session is closed.
func (s *shell) run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	defer context.AfterFunc(ctx, func() { _ = s.session.Close() })()
	wg.Go(func() { s.write(ctx) })
	s.listen(ctx)
	<-ctx.Done()
	_ = s.session.Close()
}

// listen reads what the shell says, no further than the page can follow: a
// flood waits in the shell, not in memory.
func (s *shell) listen(ctx context.Context) {
	buf := make([]byte, chunk)
	for {
		room := int64(0)
		if !s.wait(ctx, func() bool { room = keep - (s.said.end() - s.shown); return room > 0 }) {
			return
		}
		n, err := s.session.Read(buf[:min(room, chunk)])
		s.change(func() { s.said.put(buf[:n]); s.ended = err != nil })
		if err != nil {
			return
		}
	}
}

// write gives the shell what the page has typed.
func (s *shell) write(ctx context.Context) {
	for {
		var p []byte
		if !s.wait(ctx, func() bool { p, s.pending = s.pending, nil; return len(p) > 0 }) {
			return
		}
		if _, err := s.session.Write(p); err != nil {
			return // Read says so too
		}
		s.change(func() { s.taken += int64(len(p)) })
	}
}

// change changes the shell under its lock, and tells all who wait.
func (s *shell) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.bell)
	s.bell = make(chan struct{})
}

// wait waits until ready, which is asked under the lock; false when ctx ends.
func (s *shell) wait(ctx context.Context, ready func() bool) bool {
	for {
		ok, bell := s.look(ready)
		if ok {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-bell:
		}
	}
}

// look asks ready under the lock; bell tells when to ask again.
func (s *shell) look(ready func() bool) (ok bool, bell <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ready(), s.bell
}

// enter takes what by has typed. What comes when by does not look any more is
// dropped: whoever attaches is told how much was typed until then, and sends
// the rest again.
func (s *shell) enter(by *socket, p []byte) error {
	var err error
	s.change(func() {
		if s.looker != by {
			return
		}
		if len(s.pending)+len(p) > mostPending {
			err = errPending
			return
		}
		s.pending = append(s.pending, p...)
		s.typed += int64(len(p))
	})
	return err
}

// seen notes how much by has shown, if it looks: no more than it was sent.
func (s *shell) seen(by *socket, n int64) {
	s.change(func() {
		if s.looker == by {
			s.shown = max(s.shown, min(n, s.sent))
		}
	})
}

// attach lets by look at the shell, who has what it said up to from. Whoever
// looked before is told that it was taken. The answer is what to tell by.
func (s *shell) attach(by *socket, from int64) telling {
	t := telling{Type: kindOpened, ID: s.id}
	s.change(func() {
		if s.looker != nil {
			s.looker.fail(errMoved)
		}
		if s.last != nil {
			s.last.Stop()
		}
		s.looker = by
		t.From, t.To, t.Typed = s.said.from(from), s.said.end(), s.typed
		s.sent, s.shown = t.From, t.From
	})
	return t
}

// detach lets the shell alone, for a while.
func (s *shell) detach(by *socket) {
	s.change(func() {
		if s.looker == by {
			s.looker, s.left = nil, s.clock.Now()
			s.last = s.clock.AfterFunc(grace, s.stop)
		}
	})
}

// A change of a shell, for its page.
type news struct {
	said  []byte
	taken int64
	ended bool // and said is the last
}

// next waits for what by is to be sent next, which has been told of taken; not
// ok when ctx ends or by does not look any more. The ring holds all after sent:
// the shell is read no further than keep after shown.
func (s *shell) next(ctx context.Context, by *socket, taken int64) (n news, ok bool) {
	looks := true
	ok = s.wait(ctx, func() bool {
		if looks = s.looker == by; !looks {
			return true
		}
		n = news{s.said.part(s.sent, chunk), s.taken, s.ended}
		s.sent += int64(len(n.said))
		n.ended = n.ended && s.sent == s.said.end()
		return len(n.said) > 0 || n.taken != taken || n.ended
	})
	return n, ok && looks
}
