package frame

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"net/http"
	"strings"
	"time"
)

// A stream writes batches to one tab as server-sent events. A message is a list
// of [id, html]; an element whose HTML is as it was last sent is left out.
type stream struct {
	frame *Frame
	w     http.ResponseWriter
	rc    *http.ResponseController
	login Login // nil: none
	seed  maphash.Seed
	sent  map[string]uint64 // what each element was last sent as
}

func newStream(w http.ResponseWriter, f *Frame, l Login) *stream {
	return &stream{f, w, http.NewResponseController(w), l, maphash.MakeSeed(), map[string]uint64{}}
}

// serve sends what comes into b until ctx or the session ends, or the tab is gone.
func (s *stream) serve(ctx context.Context, b *batch, failed <-chan error) {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	if s.write(": hello\n\n") != nil {
		return
	}
	beat := s.frame.clock.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
		case <-s.gone():
			return
		case err := <-failed:
			if !ended(ctx, err) {
				s.fail(ctx, err)
			}
		case <-beat.C():
			if !s.alive() || s.write(": still here\n\n") != nil {
				return
			}
		case <-b.more:
			if s.send(ctx, b.take()) != nil {
				return
			}
			s.frame.rest(ctx, interval)
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// gone is closed when the visitor logs out.
func (s *stream) gone() <-chan struct{} {
	if s.login == nil {
		return nil
	}
	return s.login.Gone()
}

// alive tells whether the session lives, without prolonging it: nobody may be
// looking.
func (s *stream) alive() bool { return s.login == nil || s.login.Alive(false) }

// send writes one message of the parts that differ from what the tab has.
func (s *stream) send(ctx context.Context, parts []Part) error {
	var changed [][2]string
	var html bytes.Buffer
	for _, p := range parts {
		html.Reset()
		if err := p.HTML.Render(ctx, &html); err != nil {
			s.frame.log.Error("live part failed", "target", p.Target, "err", err)
			continue
		}
		sum := maphash.Bytes(s.seed, html.Bytes())
		if old, known := s.sent[p.Target]; known && old == sum {
			continue
		}
		s.sent[p.Target] = sum
		changed = append(changed, [2]string{p.Target, html.String()})
	}
	if len(changed) == 0 {
		return nil
	}
	var data bytes.Buffer
	e := json.NewEncoder(&data) // which ends in the first of the two line ends
	e.SetEscapeHTML(false)
	if err := e.Encode(changed); err != nil {
		return err
	}
	return s.write("data: " + data.String() + "\n")
}

// fail tells the tab why no parts come now. The stream stays open: what passes is
// tried again here, and anything else would fail a new one in the same way.
func (s *stream) fail(ctx context.Context, err error) {
	s.frame.log.Warn("live source failed", "err", err)
	line := strings.NewReplacer("\n", " ", "\r", " ").Replace(Sentence(ctx, err))
	_ = s.write(fmt.Sprintf("event: failed\ndata: %s\n\n", line))
}

// write writes and flushes, or finds within patience that nobody reads.
func (s *stream) write(text string) error {
	_ = s.rc.SetWriteDeadline(time.Now().Add(patience))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.rc.Flush()
}
