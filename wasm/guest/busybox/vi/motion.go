package vi

import "unicode"

// A place is a position in the text.
type place struct{ row, col int }

// A motion is where a command leads: whether whole lines lie between, and
// whether the character there belongs to what an operator takes.
type motion struct {
	place
	lines, inclusive bool
}

// move finds where a motion leads; known is false if k is none.
func (e *Editor) move(k rune, count int, counted bool) (m motion, known bool) {
	m.place = place{e.row, e.col}
	switch k {
	case 'j', keyDown, enter, '+', '\x0e':
		m.row, m.lines = min(e.row+count, len(e.lines)-1), true
	case 'k', keyUp, '-', '\x10':
		m.row, m.lines = max(e.row-count, 0), true
	case 'G':
		m.row, m.lines = len(e.lines)-1, true
		if counted {
			m.row = min(count, len(e.lines)) - 1
		}
	default:
		return e.moveInLine(k, count, m)
	}
	switch k {
	case enter, '+', '-', 'G':
		m.col = indent(e.lines[m.row])
	default:
		m.col = e.want
	}
	return m, true
}

func (e *Editor) moveInLine(k rune, count int, m motion) (motion, bool) {
	switch k {
	case 'h', keyLeft, backspace:
		m.col = max(e.col-count, 0)
	case 'l', keyRight, ' ':
		m.col = min(e.col+count, len(e.line()))
	case '0', keyHome:
		m.col = 0
	case '^':
		m.col = indent(e.line())
	case '$', keyEnd:
		m.row = min(e.row+count-1, len(e.lines)-1)
		m.col, m.inclusive = max(len(e.lines[m.row])-1, 0), true
	case '|':
		m.col = count - 1
	default:
		return e.moveByWord(k, count, m)
	}
	return m, true
}

func (e *Editor) moveByWord(k rune, count int, m motion) (motion, bool) {
	steps := map[rune]func(place, bool) place{'w': e.nextWord, 'b': e.backWord, 'e': e.endOfWord}
	step, known := steps[unicode.ToLower(k)]
	if !known {
		return m, false
	}
	for range count {
		m.place = step(m.place, unicode.IsUpper(k))
	}
	m.inclusive = unicode.ToLower(k) == 'e'
	return m, true
}

// class tells words, punctuation and blanks apart; a big word is what is no
// blank.
func class(r rune, big bool) int {
	switch {
	case unicode.IsSpace(r):
		return 0
	case big || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
		return 1
	}
	return 2
}

// at is the class of a place; the end of a line is a blank.
func (e *Editor) at(p place, big bool) int {
	if p.col >= len(e.lines[p.row]) {
		return 0
	}
	return class(e.lines[p.row][p.col], big)
}

// after is the place after p; ok is false at the end of the text.
func (e *Editor) after(p place) (_ place, ok bool) {
	switch {
	case p.col < len(e.lines[p.row]):
		return place{p.row, p.col + 1}, true
	case p.row < len(e.lines)-1:
		return place{p.row + 1, 0}, true
	}
	return p, false
}

func (e *Editor) before(p place) (_ place, ok bool) {
	switch {
	case p.col > 0:
		return place{p.row, p.col - 1}, true
	case p.row > 0:
		return place{p.row - 1, len(e.lines[p.row-1])}, true
	}
	return p, false
}

func (e *Editor) nextWord(p place, big bool) place {
	in, ok := e.at(p, big), true
	for ok && in != 0 && e.at(p, big) == in {
		p, ok = e.after(p)
	}
	for ok && e.at(p, big) == 0 && (len(e.lines[p.row]) > 0 || in == 0) {
		in = 1
		p, ok = e.after(p)
	}
	return p
}

func (e *Editor) backWord(p place, big bool) place {
	p, ok := e.before(p)
	for ok && e.at(p, big) == 0 {
		p, ok = e.before(p)
	}
	for in := e.at(p, big); ok; {
		q, more := e.before(p)
		if !more || e.at(q, big) != in {
			return p
		}
		p = q
	}
	return p
}

func (e *Editor) endOfWord(p place, big bool) place {
	p, ok := e.after(p)
	for ok && e.at(p, big) == 0 {
		p, ok = e.after(p)
	}
	for in := e.at(p, big); ok; {
		q, more := e.after(p)
		if !more || e.at(q, big) != in {
			return p
		}
		p = q
	}
	return p
}

// indent is the column of the first character that is no blank.
func indent(line []rune) int {
	for i, r := range line {
		if !unicode.IsSpace(r) {
			return i
		}
	}
	return max(len(line)-1, 0)
}
