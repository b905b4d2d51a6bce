package terminal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Kinds of messages. The first of a page is open; the server answers with
// opened, or with failed.
const (
	kindOpen   = "open"   // page: a ticket, the shell (or none), what it has of it, its size
	kindResize = "resize" // page: the size of its terminal
	kindSeen   = "seen"   // page: how much it has shown
	kindClose  = "close"  // page: the shell is to end
	kindOpened = "opened" // server: the shell, where its bytes begin, which are old, how much was typed
	kindTaken  = "taken"  // server: how much the shell has taken of what was typed
	kindEnded  = "ended"  // server: the shell has ended
	kindFailed = "failed" // server: a sentence
)

// Limits of a message.
const (
	largest  = 32 << 10 // bytes
	mostCols = 1000
	mostRows = 1000
	mostID   = 64
)

// An asking is a message of the page.
type asking struct {
	Type   string `json:"type"`
	Ticket string `json:"ticket"`
	ID     string `json:"id"`
	// From is how much of the shell's output the page has.
	From int64 `json:"from"`
	Seen int64 `json:"seen"`
	Size
}

// A telling is a message of the server.
type telling struct {
	Type  string `json:"type"`
	ID    string `json:"id,omitempty"`
	Fresh bool   `json:"fresh,omitempty"`
	From  int64  `json:"from"`
	To    int64  `json:"to"`
	Typed int64  `json:"typed"`
	Say   string `json:"say,omitempty"`
}

// decode reads a message of the page, strictly.
func decode(data []byte) (asking, error) {
	var m asking
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return asking{}, fmt.Errorf("message: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return asking{}, errors.New("message: more than one")
	}
	return m, m.check()
}

func (m asking) check() error {
	switch m.Type {
	case kindOpen:
		if m.Ticket == "" || len(m.Ticket) > mostID || len(m.ID) > mostID || m.From < 0 {
			return errors.New("open: no ticket, or nonsense")
		}
		return m.Size.check()
	case kindResize:
		return m.Size.check()
	case kindSeen:
		if m.Seen < 0 {
			return errors.New("seen: less than nothing")
		}
		return nil
	case kindClose:
		return nil
	}
	return fmt.Errorf("message: unknown type %.20q", m.Type)
}

func (s Size) check() error {
	if s.Cols < 1 || s.Cols > mostCols || s.Rows < 1 || s.Rows > mostRows {
		return fmt.Errorf("size: %d by %d", s.Cols, s.Rows)
	}
	return nil
}
