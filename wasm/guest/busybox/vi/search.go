package vi

import (
	"bytes"
	"unicode/utf8"
)

// A search is what n and N repeat.
type search struct {
	pattern string
	back    bool
}

// lastFind is what ; and , repeat.
type lastFind struct {
	key, arg key
}

func toMatch(e *Editor, c command) (int, bool) {
	return e.match(e.seek.back != (c.key == 'N'), c.count)
}

// match goes to the n-th match from the cursor on, around the text's ends.
func (e *Editor) match(back bool, n int) (int, bool) {
	if e.seek.pattern == "" {
		e.warn("No previous search")
		return 0, false
	}
	p := e.dot
	for range min(n, 1000) {
		q := -1
		if back {
			q = e.findBack(p)
		} else if q = e.findFrom(e.text.next(p)); q < 0 {
			if q = e.findFrom(0); q >= 0 {
				e.say("search hit BOTTOM, continuing at TOP")
			}
		}
		if back && q < 0 {
			if q = e.findBack(len(e.text.b)); q >= 0 {
				e.say("search hit TOP, continuing at BOTTOM")
			}
		}
		if q < 0 {
			e.warn("Pattern not found")
			return 0, false
		}
		p = q
	}
	return p, true
}

// findFrom finds the first match at p or after it, findBack the last before p;
// -1 if there is none.
func (e *Editor) findFrom(p int) int {
	if i, _ := e.opts.index(e.text.b[p:], e.seek.pattern); i >= 0 {
		return p + i
	}
	return -1
}

func (e *Editor) findBack(p int) int {
	if !e.opts.ignorecase {
		text := e.text.b[:min(len(e.text.b), p+len(e.seek.pattern)-1)]
		return bytes.LastIndex(text, []byte(e.seek.pattern))
	}
	for i := p; i > 0; {
		i = e.text.prev(i)
		if n := foldedPrefix(e.text.b[i:], e.seek.pattern); n > 0 {
			return i
		}
	}
	return -1
}

// index finds a pattern in text, and how long it is there.
func (o options) index(text []byte, pattern string) (at, size int) {
	if !o.ignorecase {
		return bytes.Index(text, []byte(pattern)), len(pattern)
	}
	for i := 0; i < len(text); {
		if n := foldedPrefix(text[i:], pattern); n > 0 {
			return i, n
		}
		_, n := utf8.DecodeRune(text[i:])
		i += n
	}
	return -1, 0
}

// foldedPrefix is how much of text the pattern is, whatever the case.
func foldedPrefix(text []byte, pattern string) (n int) {
	for range pattern {
		if n >= len(text) {
			return 0
		}
		_, size := utf8.DecodeRune(text[n:])
		n += size
	}
	if bytes.EqualFold(text[:n], []byte(pattern)) {
		return n
	}
	return 0
}

// toChar is f, F, t and T: to a character of the line.
func toChar(e *Editor, c command) (int, bool) {
	e.find = lastFind{c.key, c.arg}
	return e.charOf(c)
}

// toCharAgain is ; and the comma, which goes the other way.
func toCharAgain(e *Editor, c command) (int, bool) {
	again := c.key
	c.key, c.arg = e.find.key, e.find.arg
	if again == ',' {
		c.key ^= 'a' ^ 'A'
	}
	return e.charOf(c)
}

func (e *Editor) charOf(c command) (int, bool) {
	if e.find.key == 0 {
		return 0, false
	}
	from, to := e.text.bol(e.dot), e.text.eol(e.dot)
	back, p := c.key < 'a', e.dot
	for range c.count {
		i := 0
		if back {
			i = bytes.LastIndex(e.text.b[from:p], c.arg.bytes())
		} else {
			from = min(e.text.next(p), to)
			i = bytes.Index(e.text.b[from:to], c.arg.bytes())
		}
		if i < 0 {
			return 0, false
		}
		p = from + i
	}
	switch c.key {
	case 't':
		return e.text.prev(p), true
	case 'T':
		return e.text.next(p), true
	}
	return p, true
}
