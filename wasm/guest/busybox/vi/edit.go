package vi

import (
	"bytes"
	"unicode"
)

// replace changes the text; all changes come here.
func (e *Editor) replace(from, to int, with []byte) bool {
	if e.text.replace(from, to, with) {
		return true
	}
	e.warn("'%s' File too large", e.name)
	e.bell = true
	return false
}

// follow keeps the marks, and the top of the screen, on their text.
func (e *Editor) follow(from, to, size int) {
	place := func(p int) int {
		switch {
		case p <= from:
			return p
		case p >= to:
			return p + size - (to - from)
		}
		return from
	}
	for k, p := range e.marks {
		e.marks[k] = place(p)
	}
	e.screen.top = min(place(e.screen.top), len(e.text.b)-1)
}

// put is p and P.
func put(e *Editor, c command) {
	r, ok := e.regs[c.reg]
	if !ok || len(r.text) == 0 {
		e.warn("Nothing in register %s", registerName(c.reg))
		return
	}
	if len(r.text)*c.count > maxText {
		e.bell = true
		return
	}
	at := e.dot
	switch {
	case r.lines && c.key == 'p':
		at = e.text.eol(at) + 1
	case r.lines:
		at = e.text.bol(at)
	case c.key == 'p':
		at = e.right(at)
	}
	with := bytes.Repeat(r.text, c.count)
	if !e.replace(at, at, with) {
		return
	}
	e.dot = at
	if r.lines {
		e.dot = e.firstNonBlank(at)
	} else if !bytes.Contains(with, []byte{'\n'}) {
		e.dot = e.text.prev(at + len(with))
	}
	e.tellYanked("Put", c.reg, c.count)
}

// join joins lines, with one blank in place of what was between them.
func join(e *Editor, c command) {
	for range max(1, c.count-1) {
		eol := e.text.eol(e.dot)
		if eol == len(e.text.b)-1 {
			e.bell = true
			return
		}
		from, to := eol, eol+1
		for e.text.b[to] == ' ' || e.text.b[to] == '\t' {
			to++
		}
		with := []byte{' '}
		if from > 0 && (e.text.b[from-1] == ' ' || e.text.b[from-1] == '\n') || e.text.b[to] == '\n' {
			with = nil
		}
		e.replace(from, to, with)
		e.dot = from
	}
}

// replace is r: other characters in place of these.
func replace(e *Editor, c command) {
	to := e.dot
	for range c.count {
		if e.text.b[to] == '\n' {
			e.bell = true
			return
		}
		to = e.text.next(to)
	}
	if c.arg == '\r' || c.arg == '\n' {
		e.replace(e.dot, to, []byte{'\n'})
		e.dot++
		return
	}
	if !c.arg.printable() && c.arg != '\t' {
		e.bell = true
		return
	}
	with := bytes.Repeat(c.arg.bytes(), c.count)
	e.replace(e.dot, to, with)
	e.dot = e.text.prev(e.dot + len(with))
}

// flipCase is ~.
func flipCase(e *Editor, c command) {
	for range c.count {
		if e.text.b[e.dot] == '\n' {
			return
		}
		r, to := e.text.rune(e.dot), e.text.next(e.dot)
		switch {
		case unicode.IsUpper(r):
			e.replace(e.dot, to, []byte(string(unicode.ToLower(r))))
		case unicode.IsLower(r):
			e.replace(e.dot, to, []byte(string(unicode.ToUpper(r))))
		}
		if n := e.text.next(e.dot); e.text.b[n] != '\n' {
			e.dot = n
		} else {
			return
		}
	}
}
