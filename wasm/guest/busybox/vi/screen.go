package vi

import (
	"fmt"
	"strings"

	"kubergarten/wasm/guest/busybox/cells"
)

// Screen draws the text, the line below it and the cursor on a terminal of that
// size.
func (e *Editor) Screen(cols, rows int) string {
	e.height = max(rows-1, 1)
	e.keepInside()
	var b strings.Builder
	b.WriteString("\x1b[?25l\x1b[H")
	margin := 0
	if e.number {
		margin = 7
	}
	room := max(cols-margin, 1)
	x := width(e.line()[:min(e.col, len(e.line()))])
	shift := max(0, x-room+1)
	for i := range e.height {
		b.WriteString(e.drawn(e.top+i, margin, shift, room))
		b.WriteString("\x1b[K\r\n")
	}
	below, end := e.below(cols)
	b.WriteString(below + "\x1b[K")
	if e.mode == prompt {
		fmt.Fprintf(&b, "\x1b[%d;%dH", rows, end+1)
	} else {
		fmt.Fprintf(&b, "\x1b[%d;%dH", e.row-e.top+1, margin+x-shift+1)
	}
	b.WriteString("\x1b[?25h")
	return b.String()
}

// drawn is a row of the screen.
func (e *Editor) drawn(row, margin, shift, room int) string {
	if row >= len(e.lines) {
		return "~"
	}
	var b strings.Builder
	if margin > 0 {
		fmt.Fprintf(&b, "%*d ", margin-1, row+1)
	}
	x := 0
	for _, r := range e.lines[row] {
		cell, w := shown(r, x)
		if x >= shift && x+w <= shift+room {
			b.WriteString(cell)
		}
		x += w
	}
	return b.String()
}

// below is the last line of the screen, and its width.
func (e *Editor) below(cols int) (string, int) {
	text := e.message
	switch {
	case e.mode == prompt:
		text = string(e.typed)
	case text == "":
		text = e.status()
	}
	line := []rune(text)
	for width(line) >= cols && len(line) > 0 {
		line = line[:len(line)-1]
	}
	out := ""
	for _, r := range line {
		cell, _ := shown(r, 0)
		out += cell
	}
	return out, width(line)
}

// status says which file it is, and where in it the cursor is.
func (e *Editor) status() string {
	letter := map[mode]string{insert: "I", replace: "R"}[e.mode]
	if letter == "" {
		letter = "-"
	}
	file, marks := e.File, ""
	if file == "" {
		file = "No file"
	}
	if e.ReadOnly {
		marks += " [Readonly]"
	}
	if e.changed {
		marks += " [Modified]"
	}
	return fmt.Sprintf("%s %s%s %d/%d %d%%", letter, file, marks, e.row+1, len(e.lines), 100*(e.row+1)/len(e.lines))
}

// width is how many columns a text takes.
func width(line []rune) (x int) {
	for _, r := range line {
		_, w := shown(r, x)
		x += w
	}
	return x
}

// shown is how a character looks at a column.
func shown(r rune, x int) (string, int) {
	switch {
	case r == '\t':
		n := 8 - x%8
		return strings.Repeat(" ", n), n
	case r < ' ' || r == 0x7f:
		return "^" + string(r^0x40), 2
	}
	if w := cells.Width(r); w > 0 {
		return string(r), w
	}
	return "", 0 // what would join another character is left out
}
