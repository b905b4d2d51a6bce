package terminal

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"kubergarten/ui/frame"
)

const (
	// beat is how often a peer must give a sign of life, and a session is asked for.
	beat = 20 * time.Second
	// hurry is how long a page may take for its first message.
	hurry = 10 * time.Second
	// last is how long a message may take to leave when the talk is over.
	last = time.Second
)

var (
	errEnded  = errors.New("the shell has ended")
	errClosed = errors.New("the page closed the terminal")
	errLogin  = errors.New("the session is over")
	errTicket = errors.New("the ticket is not good")
	errSilent = errors.New("the page gives no sign of life")
)

// A badMessage is what a page of ours does not send.
type badMessage struct{ error }

// A failure is a shell that could not be opened.
type failure struct{ error }

// A socket is a page's connection to a shell.
type socket struct {
	*Terminals
	conn  *websocket.Conn
	who   *frame.Visitor
	out   context.Context         // of what is sent: it lasts a little longer than the talk
	fail  context.CancelCauseFunc // ends the talk
	shell atomic.Pointer[shell]   // when it is open
	used  atomic.Bool             // since the session was last asked for
}

// serve talks until one of the two has enough, and says why. The connection is
// open still, if the peer lives.
func (t *Terminals) serve(ctx context.Context, conn *websocket.Conn, who *frame.Visitor) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	out, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() { t.cfg.Clock.AfterFunc(last, cut) })()
	s := &socket{Terminals: t, conn: conn, who: who, out: out, fail: fail}
	conn.SetReadLimit(largest)
	ask, err := s.hello(ctx)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	beats := t.cfg.Clock.NewTicker(beat)
	wg.Go(func() { s.guard(ctx, beats) })
	defer wg.Wait()
	defer fail(nil)
	go s.ping(ctx, t.cfg.Clock.NewTicker(beat)) // these two until the connection closes
	go s.read()
	s.talk(ctx, ask)
	return context.Cause(ctx)
}

// hello reads the first message, which comes soon and brings a ticket.
func (s *socket) hello(ctx context.Context) (asking, error) {
	hangUp := func() { _ = s.conn.CloseNow() }
	defer context.AfterFunc(ctx, hangUp)()
	defer s.cfg.Clock.AfterFunc(hurry, hangUp).Stop()
	kind, data, err := s.conn.Read(context.Background()) // the connection's end ends it
	if err != nil {
		return asking{}, err
	}
	if kind != websocket.MessageText {
		return asking{}, badMessage{errors.New("bytes before the ticket")}
	}
	ask, err := decode(data)
	switch {
	case err != nil:
		return ask, badMessage{err}
	case ask.Type != kindOpen:
		return ask, badMessage{errors.New("no ticket")}
	case !s.tickets.take(ask.Ticket, bearerOf(s.who)):
		return ask, errTicket
	}
	return ask, nil
}

// talk opens or finds the shell, and tells what it says.
func (s *socket) talk(ctx context.Context, ask asking) {
	sh, fresh, err := s.reach(ctx, ask)
	if err != nil {
		s.fail(failure{err})
		return
	}
	if fresh {
		ask.From = 0
	}
	defer context.AfterFunc(s.life, func() { s.fail(errOver) })()
	opened := sh.attach(s, ask.From)
	opened.Fresh = fresh
	defer sh.detach(s)
	sh.session.Resize(ask.Size)
	s.shell.Store(sh)
	s.tell(opened)
	s.relay(ctx, sh)
}

// reach finds the shell, which goes on as whoever is logged in now, or opens one.
func (s *socket) reach(ctx context.Context, ask asking) (sh *shell, fresh bool, err error) {
	sh = s.find(bearerOf(s.who).owner, ask.ID)
	if sh == nil {
		sh, err = s.open(ctx, s.who, ask.Size)
		return sh, true, err
	}
	if err := s.cfg.Workbench.Renew(s.who); err != nil {
		s.cfg.Log.Info("terminal: the shell keeps its credential", "user", s.who.User.GetName(), "err", err)
	}
	return sh, false, nil
}

// relay tells what the shell says, and what it takes, until ctx ends.
func (s *socket) relay(ctx context.Context, sh *shell) {
	taken := int64(-1)
	for ctx.Err() == nil {
		n, ok := sh.next(ctx, s, taken)
		if !ok {
			return
		}
		if n.taken != taken {
			taken = n.taken
			s.tell(telling{Type: kindTaken, Typed: taken})
		}
		if len(n.said) > 0 {
			s.send(websocket.MessageBinary, n.said)
		}
		if n.ended {
			s.ended(sh)
			return
		}
	}
}

// ended tells that the shell has, unless all do because the server ends.
func (s *socket) ended(sh *shell) {
	if s.life.Err() != nil {
		s.fail(errOver)
		return
	}
	s.tell(telling{Type: kindEnded})
	sh.stop()
	s.fail(errEnded)
}

func (s *socket) tell(t telling) {
	data, err := json.Marshal(t)
	if err != nil {
		s.fail(err)
		return
	}
	s.send(websocket.MessageText, data)
}

func (s *socket) send(kind websocket.MessageType, data []byte) {
	if err := s.conn.Write(s.out, kind, data); err != nil {
		s.fail(err)
	}
}

// read takes the page's messages until the connection closes.
func (s *socket) read() {
	for {
		kind, data, err := s.conn.Read(context.Background())
		if err == nil {
			err = s.hear(kind, data)
		}
		if err != nil {
			s.fail(err)
			return
		}
	}
}

// hear takes one message.
func (s *socket) hear(kind websocket.MessageType, data []byte) error {
	sh := s.shell.Load()
	if sh == nil {
		return badMessage{errors.New("a message before the shell is open")}
	}
	if kind == websocket.MessageBinary {
		s.used.Store(true)
		if err := sh.enter(s, data); err != nil {
			return badMessage{err}
		}
		return nil
	}
	ask, err := decode(data)
	if err != nil {
		return badMessage{err}
	}
	switch ask.Type {
	case kindResize:
		sh.session.Resize(ask.Size)
	case kindSeen:
		sh.seen(s, ask.Seen)
	case kindClose:
		sh.stop()
		return errClosed
	default:
		return badMessage{errors.New("a second ticket")}
	}
	return nil
}
