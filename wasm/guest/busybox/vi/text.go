package vi

import (
	"bytes"
	"unicode/utf8"
)

// maxText is the longest text, and maxUndo how much of what it was is kept.
const (
	maxText = 8 << 20
	maxUndo = 8 << 20
)

// A text is what is edited. It always ends with a newline.
type text struct {
	b    []byte
	undo []group
	kept int // bytes in undo
	open bool
	id   int // of the newest group
	now  int // the group that led to the text as it is
	disk int // the group at which the text was saved

	moved func(from, to, size int) // is told of each change
}

// A group is what one command has changed.
type group struct {
	id, before int // the state after it, and the one before
	edits      []edit
}

// An edit replaced old by the size bytes at a place.
type edit struct {
	at   int
	old  []byte
	size int
}

// reset makes b the text, unchanged.
func (t *text) reset(b []byte) {
	if len(b) == 0 || b[len(b)-1] != '\n' {
		b = append(b, '\n')
	}
	*t = text{b: b, moved: t.moved}
}

// replace puts with in place of [from, to); false if the text would be too long.
func (t *text) replace(from, to int, with []byte) bool {
	if rest := len(t.b) - to; rest == 0 && (len(with) > 0 && with[len(with)-1] != '\n' || len(with) == 0 && (from == 0 || t.b[from-1] != '\n')) {
		with = append(with[:len(with):len(with)], '\n')
	}
	if len(t.b)+len(with)-(to-from) > maxText {
		return false
	}
	t.note(edit{from, bytes.Clone(t.b[from:to]), len(with)})
	t.swap(from, to, with)
	return true
}

func (t *text) swap(from, to int, with []byte) {
	if grow := len(with) - (to - from); grow <= 0 {
		copy(t.b[from:], with)
		t.b = append(t.b[:from+len(with)], t.b[to:]...)
	} else {
		t.b = append(t.b, make([]byte, grow)...)
		copy(t.b[to+grow:], t.b[to:])
		copy(t.b[from:], with)
	}
	if t.moved != nil {
		t.moved(from, to, len(with))
	}
}

// note keeps how to undo an edit. Letters typed one after another are one edit.
func (t *text) note(x edit) {
	if !t.open {
		t.id++
		t.undo = append(t.undo, group{id: t.id, before: t.now})
		t.now, t.open = t.id, true
	}
	g := &t.undo[len(t.undo)-1]
	if n := len(g.edits); n > 0 && len(x.old) == 0 && g.edits[n-1].at+g.edits[n-1].size == x.at {
		g.edits[n-1].size += x.size
		return
	}
	g.edits = append(g.edits, x)
	t.kept += len(x.old)
	for t.kept > maxUndo && len(t.undo) > 1 {
		t.kept -= t.undo[0].size()
		t.undo = t.undo[1:]
	}
}

func (g group) size() (n int) {
	for _, x := range g.edits {
		n += len(x.old)
	}
	return n
}

// close ends a group.
func (t *text) close() { t.open = false }

func (t *text) modified() bool { return t.now != t.disk }

// revert undoes the last group; it returns the last edit that it has undone.
func (t *text) revert() (last edit, ok bool) {
	if len(t.undo) == 0 {
		return edit{}, false
	}
	g := t.undo[len(t.undo)-1]
	t.undo = t.undo[:len(t.undo)-1]
	t.kept -= g.size()
	for i := len(g.edits) - 1; i >= 0; i-- {
		last = g.edits[i]
		t.swap(last.at, last.at+last.size, last.old)
	}
	t.now, t.open = g.before, false
	return last, true
}

// bol is the beginning of the line at p, eol its newline.
func (t *text) bol(p int) int { return bytes.LastIndexByte(t.b[:p], '\n') + 1 }

func (t *text) eol(p int) int {
	if i := bytes.IndexByte(t.b[p:], '\n'); i >= 0 {
		return p + i
	}
	return len(t.b) - 1
}

// next is the character after that at p, prev the one before.
func (t *text) next(p int) int {
	_, n := utf8.DecodeRune(t.b[p:])
	return min(p+n, len(t.b))
}

func (t *text) prev(p int) int {
	_, n := utf8.DecodeLastRune(t.b[:p])
	return p - n
}

// start is the beginning of the character that p is in.
func (t *text) start(p int) int {
	for q := p; q >= 0 && q > p-utf8.UTFMax; q-- {
		if utf8.RuneStart(t.b[q]) {
			if _, n := utf8.DecodeRune(t.b[q:]); q+n > p {
				return q
			}
			break
		}
	}
	return p
}

func (t *text) rune(p int) rune {
	r, _ := utf8.DecodeRune(t.b[p:])
	return r
}

// lines counts the lines that begin in [from, to).
func (t *text) lines(from, to int) int { return bytes.Count(t.b[from:to], []byte{'\n'}) }

// lineAt is the beginning of line n, counted from 1, or of the last.
func (t *text) lineAt(n int) int {
	p := 0
	for ; n > 1; n-- {
		q := t.eol(p) + 1
		if q >= len(t.b) {
			break
		}
		p = q
	}
	return p
}

// depth is how many commands can be undone.
func (t *text) depth() int { return len(t.undo) }
