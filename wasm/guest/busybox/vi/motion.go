package vi

import "strings"

// A motion says where the cursor goes; not ok: nowhere.
type motion struct {
	to        func(e *Editor, c command) (to int, ok bool)
	lines     bool // for operators it means whole lines
	inclusive bool // for operators it means the character it reaches, too
	vertical  bool // keeps the column
}

// motions are all motions: the table of contents.
func motions() map[key]motion {
	left, right := motion{to: toLeft}, motion{to: toRight}
	down := motion{to: toDown, lines: true, vertical: true}
	up := motion{to: toUp, lines: true, vertical: true}
	start, end := motion{to: toStart}, motion{to: toEnd, inclusive: true}
	return map[key]motion{
		'h': left, keyLeft: left, ctrlH: left, backspace: left,
		'l': right, keyRight: right, ' ': right,
		'j': down, keyDown: down, ctrlN: down, '\n': down,
		'k': up, keyUp: up, ctrlP: up,
		'+': {to: toNextLine, lines: true}, '\r': {to: toNextLine, lines: true}, '-': {to: toPreviousLine, lines: true},
		'w': {to: words(forward, false)}, 'W': {to: words(forward, true)},
		'b': {to: words(backward, false)}, 'B': {to: words(backward, true)},
		'e': {to: words(ending, false), inclusive: true}, 'E': {to: words(ending, true), inclusive: true},
		'0': start, keyHome: start, '^': {to: toFirst}, '$': end, keyEnd: end, '|': {to: toColumn},
		'G': {to: toLine, lines: true}, 'g': {to: toTop, lines: true},
		'H': {to: toWindow, lines: true}, 'M': {to: toWindow, lines: true}, 'L': {to: toWindow, lines: true},
		'f': {to: toChar, inclusive: true}, 't': {to: toChar, inclusive: true}, 'F': {to: toChar}, 'T': {to: toChar},
		';': {to: toCharAgain, inclusive: true}, ',': {to: toCharAgain, inclusive: true},
		'%': {to: toPair, inclusive: true}, '{': {to: toParagraph}, '}': {to: toParagraph},
		'\'': {to: toMark, lines: true}, 'n': {to: toMatch}, 'N': {to: toMatch},
		ctrlF: {to: toPage}, keyPageDown: {to: toPage}, ctrlB: {to: toPage}, keyPageUp: {to: toPage},
		ctrlD: {to: toHalfPage}, ctrlU: {to: toHalfPage},
	}
}

// move is a motion alone.
func (e *Editor) move(c command, m motion) {
	to, ok := m.to(e, c)
	if !ok {
		e.bell = true
		return
	}
	e.dot = to
}

// again does a step count times; not ok if the first leads nowhere.
func (e *Editor) again(c command, step func(p int) int) (to int, ok bool) {
	p := e.dot
	for range c.count {
		q := step(p)
		if q == p {
			break
		}
		p = q
	}
	return p, p != e.dot
}

// right is the character after p, or the line's newline.
func (e *Editor) right(p int) int {
	if e.text.b[p] == '\n' {
		return p
	}
	return e.text.next(p)
}

func toLeft(e *Editor, c command) (int, bool) {
	bol := e.text.bol(e.dot)
	return e.again(c, func(p int) int {
		if p == bol {
			return p
		}
		return e.text.prev(p)
	})
}

func toRight(e *Editor, c command) (int, bool) {
	to, ok := e.again(c, e.right)
	if c.op == 0 && e.mode == commanding && ok && e.text.b[to] == '\n' {
		to = e.text.prev(to)
		ok = to != e.dot
	}
	return to, ok
}

// below is the beginning of the n-th line after that at p; not ok if there are
// not so many: the last then.
func (e *Editor) below(p, n int) (int, bool) {
	for ; n > 0; n-- {
		q := e.text.eol(p) + 1
		if q >= len(e.text.b) {
			return e.text.bol(p), false
		}
		p = q
	}
	return e.text.bol(p), true
}

// above is the beginning of the n-th line before that at p, or the first.
func (e *Editor) above(p, n int) (int, bool) {
	p = e.text.bol(p)
	for ; n > 0; n-- {
		if p == 0 {
			return 0, false
		}
		p = e.text.bol(p - 1)
	}
	return p, true
}

func toDown(e *Editor, c command) (int, bool) {
	to, whole := e.below(e.dot, c.count)
	return e.aim(to), whole || c.op == 0 && to > e.dot
}

func toUp(e *Editor, c command) (int, bool) {
	to, whole := e.above(e.dot, c.count)
	return e.aim(to), whole || c.op == 0 && to != e.text.bol(e.dot)
}

// aim is the character of the line at bol in the column wanted.
func (e *Editor) aim(bol int) int {
	if e.want < 0 {
		e.want = e.column(e.dot)
	}
	return e.inColumn(bol, e.want)
}

func toNextLine(e *Editor, c command) (int, bool) {
	to, ok := e.below(e.dot, c.count)
	return e.firstNonBlank(to), ok
}

func toPreviousLine(e *Editor, c command) (int, bool) {
	to, ok := e.above(e.dot, c.count)
	return e.firstNonBlank(to), ok
}

func toStart(e *Editor, _ command) (int, bool) { return e.text.bol(e.dot), true }
func toFirst(e *Editor, _ command) (int, bool) { return e.firstNonBlank(e.dot), true }

// toEnd is the last character of the line, so that operators take it, too.
func toEnd(e *Editor, c command) (int, bool) {
	p, _ := e.below(e.dot, c.count-1)
	eol := e.text.eol(p)
	if eol > p && e.mode == commanding {
		eol = e.text.prev(eol)
	}
	return max(eol, e.dot), true
}

func toColumn(e *Editor, c command) (int, bool) {
	return e.inColumn(e.text.bol(e.dot), c.count-1), true
}

func toLine(e *Editor, c command) (int, bool) {
	n := maxText
	if c.counted {
		n = c.count
	}
	return e.firstNonBlank(e.text.lineAt(n)), true
}

// toTop is gg.
func toTop(e *Editor, c command) (int, bool) {
	return e.firstNonBlank(e.text.lineAt(c.count)), c.arg == 'g'
}

func (e *Editor) firstNonBlank(p int) int {
	p = e.text.bol(p)
	for e.text.b[p] == ' ' || e.text.b[p] == '\t' {
		p++
	}
	return p
}

func toMark(e *Editor, c command) (int, bool) {
	p, ok := e.marks[c.arg]
	if !ok {
		return 0, false
	}
	return e.firstNonBlank(min(p, len(e.text.b)-1)), true
}

// toParagraph goes to the next empty line, or the one before.
func toParagraph(e *Editor, c command) (int, bool) {
	return e.again(c, func(p int) int {
		move := e.below
		if c.key == '{' {
			move = e.above
		}
		for text := false; ; {
			text = text || e.text.b[e.text.bol(p)] != '\n'
			q, ok := move(p, 1)
			switch {
			case !ok && c.key == '{':
				return 0
			case !ok:
				return e.text.eol(p)
			case text && e.text.b[q] == '\n':
				return q
			}
			p = q
		}
	})
}

// toPair goes to the bracket that belongs to the next one of the line.
func toPair(e *Editor, _ command) (int, bool) {
	const brackets = "()[]{}"
	p, eol := e.dot, e.text.eol(e.dot)
	for p < eol && strings.IndexByte(brackets, e.text.b[p]) < 0 {
		p++
	}
	if p == eol {
		return 0, false
	}
	i := strings.IndexByte(brackets, e.text.b[p])
	step, other := 1-2*(i%2), brackets[i^1]
	for q, depth := p, 0; q >= 0 && q < len(e.text.b); q += step {
		switch e.text.b[q] {
		case brackets[i]:
			depth++
		case other:
			if depth--; depth == 0 {
				return q, true
			}
		}
	}
	return 0, false
}
