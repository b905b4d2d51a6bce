package vi

import "unicode"

// The ways over words.
type direction int

const (
	forward  direction = iota // to the next word
	backward                  // to the beginning of a word
	ending                    // to the end of a word
)

// words is a motion over words; big ones are all between blanks.
func words(d direction, big bool) func(*Editor, command) (int, bool) {
	return func(e *Editor, c command) (int, bool) {
		step := func(p int) int { return e.nextWord(p, big) }
		switch d {
		case backward:
			step = func(p int) int { return e.previousWord(p, big) }
		case ending:
			step = func(p int) int { return e.wordEnd(p, big) }
		}
		to, ok := e.again(c, step)
		if d == forward && c.op != 0 {
			return e.withinLine(to), true
		}
		return to, ok
	}
}

// withinLine keeps an operator from the newline before the word it goes to.
func (e *Editor) withinLine(to int) int {
	if bol := e.text.bol(to); bol > e.dot && e.firstNonBlank(to) >= to {
		return max(e.dot, bol-1)
	}
	return to
}

// class tells blanks (0), words and what is between words apart.
func (e *Editor) class(p int, big bool) int {
	r := e.text.rune(p)
	switch {
	case r == ' ' || r == '\t' || r == '\n':
		return 0
	case big || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
		return 1
	}
	return 2
}

// emptyLine tells whether p is a line without characters: a word by itself.
func (e *Editor) emptyLine(p int) bool {
	return e.text.b[p] == '\n' && (p == 0 || e.text.b[p-1] == '\n')
}

func (e *Editor) nextWord(p int, big bool) int {
	for c := e.class(p, big); c != 0 && p < len(e.text.b)-1 && e.class(p, big) == c; {
		p = e.text.next(p)
	}
	for first := true; p < len(e.text.b)-1 && e.class(p, big) == 0; first = false {
		if !first && e.emptyLine(p) {
			return p
		}
		p = e.text.next(p)
	}
	return p
}

func (e *Editor) previousWord(p int, big bool) int {
	if p == 0 {
		return 0
	}
	p = e.text.prev(p)
	for p > 0 && e.class(p, big) == 0 && !e.emptyLine(p) {
		p = e.text.prev(p)
	}
	c := e.class(p, big)
	for p > 0 && c != 0 && e.class(e.text.prev(p), big) == c {
		p = e.text.prev(p)
	}
	return p
}

func (e *Editor) wordEnd(p int, big bool) int {
	q := e.text.next(p)
	for q < len(e.text.b)-1 && e.class(q, big) == 0 {
		q = e.text.next(q)
	}
	if q >= len(e.text.b)-1 {
		return max(e.text.prev(len(e.text.b)-1), p)
	}
	c := e.class(q, big)
	for n := e.text.next(q); n < len(e.text.b)-1 && e.class(n, big) == c; n = e.text.next(n) {
		q = n
	}
	return q
}
