package vi

import (
	"fmt"
	"slices"

	"kubergarten/wasm/guest/busybox/cells"
)

// A screen is what the terminal shows.
type screen struct {
	cols, rows int
	top        int      // where in the text the first line begins
	left       int      // the first column
	shown      []string // by row; nil: unknown
}

// forget makes all be drawn anew.
func (s *screen) forget() { s.shown = nil }

// textRows are those above the status line.
func (s *screen) textRows() int { return s.rows - 1 }

// Resize tells the size of the terminal.
func (e *Editor) Resize(cols, rows int) {
	e.screen.cols, e.screen.rows = max(cols, 1), max(rows, 2)
	e.screen.forget()
}

// Draw returns what makes the terminal show what it should.
func (e *Editor) Draw() []byte {
	s := &e.screen
	e.scroll()
	var out []byte
	if s.shown == nil {
		out = append(out, "\x1b[H\x1b[J"...)
		s.shown = make([]string, s.rows)
	}
	p := s.top
	for row := range s.textRows() {
		line := "~"
		if p < len(e.text.b) {
			eol := e.text.eol(p)
			line = e.visible(e.text.b[p:eol], s.left, s.left+s.cols)
			p = eol + 1
		}
		out = s.put(out, row, line)
	}
	out = s.put(out, s.rows-1, e.bottom())
	if e.bell {
		e.bell = false
		out = append(out, '\a')
	}
	row, column := e.cursor()
	return fmt.Appendf(out, "\x1b[%d;%dH", row+1, column+1)
}

// put draws a line if it is not shown yet. It clears first: behind a line that
// fills the row there is nothing to clear.
func (s *screen) put(out []byte, row int, line string) []byte {
	if s.shown[row] == line {
		return out
	}
	s.shown[row] = line
	return fmt.Appendf(out, "\x1b[%d;1H\x1b[K%s", row+1, line)
}

// cursor is where the cursor is shown. On a tab, commands have it at the end.
func (e *Editor) cursor() (row, column int) {
	s := &e.screen
	if e.mode == prompting {
		return s.rows - 1, min(cells.Of(e.promptLine()), s.cols-1)
	}
	first, last := e.extent()
	if e.text.b[e.dot] == '\t' && e.mode == commanding {
		first = last
	}
	return e.text.lines(s.top, e.text.bol(e.dot)), min(max(first-s.left, 0), s.cols-1)
}

// extent are the first and the last column of the character at the cursor.
func (e *Editor) extent() (first, last int) {
	first = e.column(e.dot)
	last = first
	if e.text.b[e.dot] != '\n' {
		_, width, _ := e.glyph(e.text.b[e.dot:], first)
		last += max(width-1, 0)
	}
	return first, last
}

// scroll brings the cursor onto the screen.
func (e *Editor) scroll() {
	s, rows := &e.screen, e.screen.textRows()
	s.top = e.text.bol(min(s.top, len(e.text.b)-1))
	line := e.text.bol(e.dot)
	if line < s.top {
		far := e.text.lines(line, s.top) > rows/2
		if s.top = line; far {
			s.top, _ = e.above(line, rows/2)
		}
	} else if n := e.text.lines(s.top, line); n >= rows {
		back := rows - 1
		if n-back > rows/2 {
			back = rows / 2
		}
		s.top, _ = e.above(line, back)
	}
	first, last := e.extent()
	s.left = max(s.left, last-s.cols+1)
	s.left = min(s.left, first)
}

// scrollBy moves the text by n lines, and the cursor if it must.
func (e *Editor) scrollBy(n int) (dot int, ok bool) {
	was := e.screen.top
	if n < 0 {
		e.screen.top, _ = e.above(was, -n)
	} else {
		e.screen.top, _ = e.below(was, n)
	}
	bottom, _ := e.below(e.screen.top, e.screen.textRows()-1)
	switch dot = e.dot; {
	case dot < e.screen.top:
		dot = e.firstNonBlank(e.screen.top)
	case dot > e.text.eol(bottom):
		dot = e.firstNonBlank(bottom)
	}
	return dot, e.screen.top != was
}

// scrollLines is ^E and ^Y.
func scrollLines(e *Editor, c command) {
	n := c.count
	if c.key == ctrlY {
		n = -n
	}
	e.dot, _ = e.scrollBy(n)
}

func toPage(e *Editor, c command) (int, bool) {
	n := max(e.screen.textRows()-1, 1) * min(c.count, maxText)
	if slices.Contains([]key{ctrlB, keyPageUp}, c.key) {
		n = -n
	}
	return e.scrollBy(n)
}

func toHalfPage(e *Editor, c command) (int, bool) {
	n := max((e.screen.textRows()-1)/2, 1) * c.count
	if c.key == ctrlU {
		n = -n
	}
	return e.scrollBy(n)
}

// toWindow is H, M and L: the first, middle and last line that is shown.
func toWindow(e *Editor, c command) (int, bool) {
	last, whole := e.below(e.screen.top, e.screen.textRows()-1)
	p, n := e.screen.top, e.text.lines(e.screen.top, last)
	if !whole {
		last = e.text.bol(len(e.text.b) - 1)
		n = e.text.lines(e.screen.top, last)
	}
	switch c.key {
	case 'H':
		p, _ = e.below(p, min(c.count-1, n))
	case 'M':
		p, _ = e.below(p, n/2)
	case 'L':
		p, _ = e.above(last, min(c.count-1, n))
	}
	return e.firstNonBlank(p), true
}
