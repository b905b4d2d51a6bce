package vi

import "slices"

// enterInsert does the commands that begin to insert text.
func (e *Editor) enterInsert(k rune) bool {
	switch k {
	case 'i', 'a', 'I', 'A', 'R':
		e.remember()
	case 'o', 'O':
		e.remember()
		e.open(k == 'o')
	default:
		return false
	}
	e.mode = insert
	switch k {
	case 'R':
		e.mode = replace
	case 'a':
		e.col = min(e.col+1, len(e.line()))
	case 'A':
		e.col = len(e.line())
	case 'I':
		e.col = leading(e.line())
	}
	return true
}

// open makes a new line below or above.
func (e *Editor) open(below bool) {
	blanks := []rune{}
	if e.autoindent {
		blanks = slices.Clone(e.line()[:leading(e.line())])
	}
	row := e.row
	if below {
		row++
	}
	e.lines = slices.Insert(e.lines, row, blanks)
	e.row, e.col = row, len(blanks)
}

// insertKey takes a key in insert mode.
func (e *Editor) insertKey(k rune) {
	switch k {
	case escape, '\x03':
		e.mode = command
		e.to(e.row, e.col-1)
		e.recorded()
	case enter:
		e.split()
	case backspace:
		e.backspace()
	case keyDelete:
		e.lines[e.row] = slices.Concat(e.line()[:e.col], e.line()[min(e.col+1, len(e.line())):])
	case '\x17':
		e.eraseWord()
	default:
		e.insertRune(k)
	}
}

func (e *Editor) insertRune(k rune) {
	if k >= keyUp {
		if m, known := e.move(k, 1, false); known {
			if k == keyEnd {
				m.col++
			}
			e.row, e.col = m.row, min(m.col, len(e.lines[m.row]))
		}
		return
	}
	if k < ' ' && k != '\t' {
		return
	}
	rest := e.line()[e.col:]
	if e.mode == replace && len(rest) > 0 {
		rest = rest[1:]
	}
	e.lines[e.row] = slices.Concat(e.line()[:e.col], []rune{k}, rest)
	e.col++
	e.want = e.col
}

// split ends the line at the cursor.
func (e *Editor) split() {
	line := e.line()
	blanks := []rune{}
	if e.autoindent {
		blanks = line[:min(leading(line), e.col)]
	}
	head, tail := slices.Clone(line[:e.col]), slices.Concat(blanks, line[e.col:])
	e.lines = slices.Replace(e.lines, e.row, e.row+1, head, tail)
	e.row, e.col = e.row+1, len(blanks)
}

func (e *Editor) backspace() {
	line := e.line()
	switch {
	case e.col > 0:
		e.lines[e.row] = slices.Concat(line[:e.col-1], line[e.col:])
		e.col--
	case e.row > 0:
		e.row--
		e.col = len(e.line())
		e.lines = slices.Replace(e.lines, e.row, e.row+2, slices.Concat(e.line(), line))
	}
}

func (e *Editor) eraseWord() {
	from := e.backWord(place{e.row, e.col}, false)
	if from.row != e.row {
		from = place{e.row, 0}
	}
	e.lines[e.row] = slices.Concat(e.line()[:from.col], e.line()[e.col:])
	e.col = from.col
}
