package vi

import "bytes"

// insertAt starts to insert.
func (e *Editor) insertAt(p int) {
	e.dot, e.mode = p, inserting
}

func openBelow(e *Editor, _ command) { e.openLine(e.text.eol(e.dot) + 1) }
func openAbove(e *Editor, _ command) { e.openLine(e.text.bol(e.dot)) }

// openLine makes an empty line at p, indented as the current one.
func (e *Editor) openLine(p int) {
	with := append(e.indent(e.text.eol(e.dot)), '\n')
	if e.replace(p, p, with) {
		e.insertAt(p + len(with) - 1)
	}
}

// indent is what a line after the current one, up to p, begins with.
func (e *Editor) indent(p int) []byte {
	if !e.opts.autoindent {
		return nil
	}
	bol := e.text.bol(e.dot)
	return bytes.Clone(e.text.b[bol:min(e.firstNonBlank(bol), p)])
}

// insertKey takes a key of text.
func (e *Editor) insertKey(k key) {
	literal := e.literal
	e.literal = false
	switch {
	case literal && k < keyUp:
		e.insert(k.bytes())
	case k == escape || k == ctrlC:
		e.stopInserting()
	case k == '\r' || k == '\n':
		e.insert(append([]byte{'\n'}, e.indent(e.dot)...))
	case k == '\t':
		e.insert(e.tab(e.column(e.dot)))
	case k == ctrlH || k == backspace:
		e.rubOut()
	case k == ctrlW:
		e.rubOutWord()
	case k == ctrlD:
		e.dedent()
	case k == ctrlV:
		e.literal = true
	case k.printable():
		e.insert(k.bytes())
	default:
		e.moveInserting(k)
	}
}

func (e *Editor) stopInserting() {
	e.mode = commanding
	if e.dot > e.text.bol(e.dot) {
		e.dot = e.text.prev(e.dot)
	}
	e.want = -1
}

// insert puts text before the cursor, or over what is there.
func (e *Editor) insert(with []byte) {
	to := e.dot
	if e.mode == replacing && with[0] != '\n' {
		to = e.right(to)
	}
	if e.replace(e.dot, to, with) {
		e.dot += len(with)
	}
}

// rubOut deletes the character before the cursor.
func (e *Editor) rubOut() {
	if e.dot == 0 {
		return
	}
	p := e.text.prev(e.dot)
	if e.mode != replacing {
		e.replace(p, e.dot, nil)
	}
	e.dot = p
}

// rubOutWord deletes the word before the cursor, in its line.
func (e *Editor) rubOutWord() {
	from := max(e.previousWord(e.dot, false), e.text.bol(e.dot))
	if e.mode == replacing || from == e.dot {
		e.bell = true
		return
	}
	e.replace(from, e.dot, nil)
	e.dot = from
}

// dedent takes a tab stop off the line.
func (e *Editor) dedent() {
	bol := e.text.bol(e.dot)
	line := e.text.b[bol : e.text.eol(e.dot)+1]
	n := len(line) - len(e.dedented(line))
	e.replace(bol, bol+n, nil)
	e.dot = max(bol, e.dot-n)
}

// moveInserting is for the keys that move while text is inserted.
func (e *Editor) moveInserting(k key) {
	if k == keyDelete {
		if e.dot < len(e.text.b)-1 {
			e.replace(e.dot, e.text.next(e.dot), nil)
		}
		return
	}
	m, found := e.motions[k]
	if !found || k < keyUp {
		e.bell = true
		return
	}
	if !m.vertical {
		e.want = -1
	}
	if to, ok := m.to(e, command{key: k, count: 1}); ok {
		e.dot = to
	}
}
