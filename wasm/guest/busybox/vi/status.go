package vi

import (
	"fmt"

	"kubergarten/wasm/guest/busybox/cells"
)

// A message stands in the status line until the next key.
type message struct {
	text string
	bold bool
}

func (e *Editor) say(format string, a ...any) {
	e.status = message{text: fmt.Sprintf(format, a...)}
}

// warn says it in reverse video.
func (e *Editor) warn(format string, a ...any) {
	e.status = message{fmt.Sprintf(format, a...), true}
}

// tellPlace shows the status line.
func (e *Editor) tellPlace() { e.status = message{} }

// bottom is the last line of the screen.
func (e *Editor) bottom() string {
	cols := e.screen.cols
	switch {
	case e.mode == prompting:
		return e.promptLine()
	case e.status.text == "":
		return cells.Cut(e.place(), cols)
	case e.status.bold:
		return "\x1b[7m" + e.visible([]byte(e.status.text), 0, cols) + "\x1b[m"
	}
	return e.visible([]byte(e.status.text), 0, cols)
}

// place is the file, and where in it the cursor is.
func (e *Editor) place() string {
	name, readonly, modified := "No file", "", ""
	if e.name != "" {
		name = e.visible([]byte(e.name), 0, e.screen.cols)
	}
	if e.cfg.ReadOnly {
		readonly = " [Readonly]"
	}
	if e.text.modified() {
		modified = " [Modified]"
	}
	line, all := e.text.lines(0, e.dot)+1, e.text.lines(0, len(e.text.b))
	return fmt.Sprintf("%c %s%s%s %d/%d %d%%", "-IR-"[e.mode], name, readonly, modified, line, all, 100*line/all)
}

// promptLine is the end of the line that is typed, as much as there is room for.
func (e *Editor) promptLine() string {
	text := append([]byte{byte(e.line.kind)}, e.line.text...)
	width := 0
	for rest := text; len(rest) > 0; {
		_, w, n := e.glyph(rest, width)
		width, rest = width+w, rest[n:]
	}
	left := max(0, width-e.screen.cols+1)
	return e.visible(text, left, left+e.screen.cols)
}
