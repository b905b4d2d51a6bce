package vi

import (
	"strconv"
	"strings"
)

// An ex is a colon command: [from[,to]]name[!][args].
type ex struct {
	from, to int // lines, counted from 1
	given    int // how many of them were given
	name     string
	force    bool
	args     string
}

// lines is a scanner for the addresses of a colon command.
type lines struct {
	e    *Editor
	rest string
	bad  bool
}

// parseEx reads a colon command; not ok if it names lines that are none.
func (e *Editor) parseEx(text string) (x ex, ok bool) {
	l := lines{e: e, rest: strings.TrimLeft(text, ": \t")}
	cur, all := e.text.lines(0, e.dot)+1, e.text.lines(0, len(e.text.b))
	x.from, x.to = cur, cur
	if l.take('%') {
		x.from, x.to, x.given = 1, all, 2
	} else if n, found := l.address(cur, all); found {
		x.from, x.to, x.given = n, n, 1
		if l.take(',') {
			x.to, x.given = cur, 2
			if n, found := l.address(cur, all); found {
				x.to = n
			}
		}
	}
	rest := strings.TrimLeft(l.rest, " \t")
	n := strings.IndexFunc(rest, func(r rune) bool { return r < 'a' || r > 'z' })
	if n < 0 {
		n = len(rest)
	}
	x.name, rest = rest[:n], rest[n:]
	if x.name == "" && rest != "" {
		x.name, rest = rest[:1], rest[1:]
	}
	if x.name != "s" {
		rest, x.force = strings.CutPrefix(rest, "!")
	}
	x.args = strings.TrimSpace(rest)
	if x.name == "s" {
		x.args = rest
	}
	return x, !l.bad && x.from >= 0 && x.from <= x.to && x.to <= all
}

func (l *lines) take(c byte) bool {
	if l.rest == "" || l.rest[0] != c {
		return false
	}
	l.rest = l.rest[1:]
	return true
}

// address reads one, such as 12, . $ 'a /text/ and +2 behind it.
func (l *lines) address(cur, all int) (n int, found bool) {
	l.rest = strings.TrimLeft(l.rest, " \t")
	n, found = cur, true
	switch {
	case l.take('.'):
	case l.take('$'):
		n = all
	case l.take('\''):
		n = l.mark()
	case strings.HasPrefix(l.rest, "/"), strings.HasPrefix(l.rest, "?"):
		n = l.match()
	case l.digits() > 0:
		n = l.number()
	default:
		found = false
	}
	for l.rest != "" && (l.rest[0] == '+' || l.rest[0] == '-') {
		sign := int(',') - int(l.rest[0]) // + is before the comma, - behind it
		l.rest = l.rest[1:]
		step := 1
		if l.digits() > 0 {
			step = l.number()
		}
		n, found = n+sign*step, true
	}
	return n, found
}

func (l *lines) digits() (n int) {
	for n < len(l.rest) && l.rest[n] >= '0' && l.rest[n] <= '9' {
		n++
	}
	return n
}

func (l *lines) number() int {
	n := l.digits()
	v, err := strconv.Atoi(l.rest[:n])
	l.rest = l.rest[n:]
	if err != nil || v > maxText {
		return maxText + 1
	}
	return v
}

func (l *lines) mark() int {
	if l.rest != "" {
		if p, ok := l.e.marks[key(l.rest[0])]; ok {
			l.rest = l.rest[1:]
			return l.e.text.lines(0, min(p, len(l.e.text.b)-1)) + 1
		}
	}
	l.bad = true
	l.e.warn("Mark not set")
	return 0
}

// match is /pattern/ and ?pattern?.
func (l *lines) match() int {
	e, c := l.e, l.rest[:1]
	pattern, rest, _ := strings.Cut(l.rest[1:], c)
	l.rest = rest
	if pattern != "" {
		e.seek.pattern = pattern
	}
	dot := e.dot
	defer func() { e.dot = dot }()
	if e.dot = e.text.bol(dot); c == "/" {
		e.dot = e.text.eol(dot)
	}
	p, ok := e.match(c == "?", 1)
	if l.bad = !ok; l.bad {
		return 0
	}
	e.status = message{}
	return e.text.lines(0, p) + 1
}
