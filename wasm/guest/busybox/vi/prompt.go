package vi

import "unicode/utf8"

// A prompt is a line that is typed after : / or ?.
type prompt struct {
	kind key
	text []byte
}

// maxPrompt is the longest line.
const maxPrompt = 1024

// ask starts a line.
func ask(e *Editor, c command) {
	e.line = prompt{kind: c.key}
	e.mode = prompting
}

// promptKey takes a key of the line.
func (e *Editor) promptKey(k key) {
	switch {
	case k == '\r' || k == '\n':
		e.mode = commanding
		e.answer()
	case k == escape || k == ctrlC:
		e.mode = commanding
	case k == ctrlH || k == backspace:
		e.promptRubOut()
	case k == ctrlU:
		e.line.text = nil
	case (k.printable() || k == '\t') && len(e.line.text) < maxPrompt:
		e.line.text = append(e.line.text, k.bytes()...)
	default:
		e.bell = true
	}
}

func (e *Editor) promptRubOut() {
	if len(e.line.text) == 0 {
		e.mode = commanding
		return
	}
	_, n := utf8.DecodeLastRune(e.line.text)
	e.line.text = e.line.text[:len(e.line.text)-n]
}

// answer does what the line says.
func (e *Editor) answer() {
	e.want = -1
	if e.line.kind == ':' {
		e.colon(string(e.line.text))
		return
	}
	if len(e.line.text) > 0 {
		e.seek.pattern = string(e.line.text)
	}
	e.seek.back = e.line.kind == '?'
	if to, ok := e.match(e.seek.back, 1); ok {
		e.dot = to
	}
}
