package vi

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"kubergarten/wasm/guest/busybox/cells"
)

// glyph is how the first character of b is shown in a column, and its size.
func (e *Editor) glyph(b []byte, column int) (shown string, width, size int) {
	r, n := utf8.DecodeRune(b)
	switch {
	case r == '\t':
		width = e.opts.tabstop - column%e.opts.tabstop
		return strings.Repeat(" ", width), width, n
	case r < ' ':
		return "^" + string(r+'@'), 2, n
	case r == 0x7f:
		return "^?", 2, n
	case r == utf8.RuneError && n == 1, !unicode.IsPrint(r):
		return ".", 1, n
	}
	return string(r), cells.Width(r), n
}

// width is a glyph's width and size; lines can be long, and are mostly ASCII.
func (e *Editor) width(b []byte, column int) (width, size int) {
	if b[0] >= ' ' && b[0] < 0x7f {
		return 1, 1
	}
	_, width, size = e.glyph(b, column)
	return width, size
}

// column is where the character at p begins, counted from 0.
func (e *Editor) column(p int) (column int) {
	for q := e.text.bol(p); q < p; {
		width, n := e.width(e.text.b[q:], column)
		column, q = column+width, q+n
	}
	return column
}

// inColumn is the character of the line at bol in a column, or its last one.
func (e *Editor) inColumn(bol, want int) int {
	p := bol
	for column := 0; e.text.b[p] != '\n'; {
		width, n := e.width(e.text.b[p:], column)
		if column+width > want {
			break
		}
		column, p = column+width, p+n
	}
	if e.mode == commanding && e.text.b[p] == '\n' && p > bol {
		p = e.text.prev(p)
	}
	return p
}

// visible is what is shown of a line, between two columns.
func (e *Editor) visible(line []byte, left, right int) string {
	var s strings.Builder
	for column := 0; len(line) > 0 && column < right; {
		width, n := e.width(line, column)
		switch end := column + width; {
		case column >= left && end <= right:
			shown, _, _ := e.glyph(line, column)
			s.WriteString(shown)
		case end > left: // cut in two
			s.WriteString(strings.Repeat(" ", min(end, right)-max(column, left)))
		}
		column, line = column+width, line[n:]
	}
	return s.String()
}
