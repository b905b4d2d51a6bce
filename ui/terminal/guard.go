package terminal

import (
	"context"
	"errors"

	"github.com/coder/websocket"
	"k8s.io/utils/clock"

	"kubergarten/ui/frame"
)

// Codes with which the server closes a socket, besides the protocol's own.
const (
	codeLogin  websocket.StatusCode = 4401 // log in again, then come back
	codeTicket websocket.StatusCode = 4403 // fetch another ticket
	codeMoved  websocket.StatusCode = 4409 // another window has the terminal
	codeFailed websocket.StatusCode = 4500 // a sentence came before
)

// guard ends the connection when the visitor's session ends, for which it is
// asked at each tick.
func (s *socket) guard(ctx context.Context, tick clock.Ticker) {
	defer tick.Stop()
	if s.who.Login == nil {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.who.Login.Gone():
			s.fail(errLogin)
		case <-tick.C():
			if !s.who.Login.Alive(s.used.Swap(false)) {
				s.fail(errLogin)
			}
		}
	}
}

// ping ends the connection when the page gives no sign of life at a tick.
func (s *socket) ping(ctx context.Context, tick clock.Ticker) {
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C():
		}
		// Not by ctx: a ping that is cut off cuts the connection, and the page
		// would not be told why.
		soon, late := context.WithCancel(context.WithoutCancel(ctx))
		timer := s.cfg.Clock.AfterFunc(beat, late)
		err := s.conn.Ping(soon)
		timer.Stop()
		late()
		if err != nil {
			s.fail(errSilent)
		}
	}
}

// close ends the connection with the code that tells the page why.
func (s *Terminals) close(ctx context.Context, conn *websocket.Conn, why error) {
	var bad badMessage
	var failed failure
	switch {
	case errors.Is(why, errEnded), errors.Is(why, errClosed):
		_ = conn.Close(websocket.StatusNormalClosure, "")
	case errors.Is(why, errLogin):
		_ = conn.Close(codeLogin, errLogin.Error())
	case errors.Is(why, errTicket):
		_ = conn.Close(codeTicket, errTicket.Error())
	case errors.Is(why, errMoved):
		_ = conn.Close(codeMoved, errMoved.Error())
	case errors.As(why, &bad):
		s.cfg.Log.Debug("terminal: bad message", "err", bad.error)
		_ = conn.Close(websocket.StatusPolicyViolation, "bad message")
	case ctx.Err() != nil, errors.Is(why, errOver):
		_ = conn.Close(websocket.StatusServiceRestart, "")
	case errors.As(why, &failed):
		_ = conn.Close(codeFailed, "")
	default:
		_ = conn.CloseNow()
	}
}

// sentence says why no shell could be opened.
func sentence(ctx context.Context, why error) string {
	if errors.Is(why, errMany) {
		return frame.T(ctx, "terminal.limit", "count", Most)
	}
	return frame.T(ctx, "terminal.failed", "Why", frame.Sentence(ctx, why))
}
