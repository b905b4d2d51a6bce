package vi

import (
	"bytes"
	"strings"
)

// A register is what was yanked or deleted.
type register struct {
	text  []byte
	lines bool // whole ones
}

// A span is what an operator works on.
type span struct {
	from, to int
	lines    bool
}

// operate is an operator with its motion.
func (e *Editor) operate(c command, m motion, found bool) {
	s, ok := e.span(c, m, found)
	if !ok {
		e.bell = true
		return
	}
	e.changes = c.op != 'y'
	switch c.op {
	case 'y':
		e.yank(c, s)
		e.dot = s.from
		e.tellYanked("Yank", c.reg, 1)
	case 'd':
		e.remove(c, s)
	case 'c':
		e.change(c, s)
	default:
		e.shift(s, c.op == '<')
	}
}

// span is what the motion goes over.
func (e *Editor) span(c command, m motion, found bool) (span, bool) {
	shifts := c.op == '<' || c.op == '>'
	switch {
	case c.key == c.op:
		last, _ := e.below(e.dot, c.count-1)
		return span{e.text.bol(e.dot), e.text.eol(last) + 1, true}, true
	case !found:
		return span{}, false
	case c.op == 'c' && c.key == 'l' && e.text.b[e.dot] == '\n':
		return span{e.dot, e.dot, false}, true
	case c.op == 'c' && (c.key == 'w' || c.key == 'W') && e.class(e.dot, true) != 0:
		return e.restOfWords(c), true
	}
	to, ok := m.to(e, c)
	if !ok && (c.key != 'l' && c.key != ' ' || e.text.b[e.dot] == '\n') {
		return span{}, false
	}
	s := span{min(e.dot, to), max(e.dot, to), m.lines || shifts}
	if m.inclusive && to >= e.dot && e.text.b[s.to] != '\n' {
		s.to = e.text.next(s.to)
	}
	if s.lines {
		s.from, s.to = e.text.bol(s.from), e.text.eol(s.to)+1
	}
	return s, true
}

// restOfWords is what cw changes: not the blanks behind the word.
func (e *Editor) restOfWords(c command) span {
	big := c.key == 'W'
	p := e.dot
	for i := range c.count {
		if i > 0 {
			p = e.nextWord(p, big)
		}
		if e.class(p, big) == 0 {
			break
		}
		for q := e.text.next(p); q < len(e.text.b)-1 && e.class(q, big) == e.class(p, big); q = e.text.next(p) {
			p = q
		}
		if p >= len(e.text.b)-1 {
			break
		}
	}
	to := p
	if e.text.b[p] != '\n' {
		to = e.text.next(p)
	}
	return span{e.dot, to, false}
}

func (e *Editor) yank(c command, s span) {
	e.regs[c.reg] = register{bytes.Clone(e.text.b[s.from:s.to]), s.lines}
}

func (e *Editor) remove(c command, s span) {
	if s.from == s.to {
		e.bell = true
		return
	}
	e.yank(c, s)
	e.replace(s.from, s.to, nil)
	e.dot = min(s.from, len(e.text.b)-1)
	if s.lines {
		e.dot = e.firstNonBlank(e.dot)
	}
	e.tellYanked("Delete", c.reg, 1)
}

// change deletes and starts to insert; of lines, one stays.
func (e *Editor) change(c command, s span) {
	e.yank(c, s)
	if s.lines {
		if s.to--; e.opts.autoindent {
			s.from = min(e.firstNonBlank(s.from), s.to)
		}
	}
	e.replace(s.from, s.to, nil)
	e.tellYanked("Change", c.reg, 1)
	e.insertAt(s.from)
}

// shift moves lines by one tab stop.
func (e *Editor) shift(s span, left bool) {
	var b []byte
	for line := range bytes.Lines(e.text.b[s.from:s.to]) {
		switch {
		case left:
			line = e.dedented(line)
		case len(line) > 1:
			line = append(e.tab(0), line...)
		}
		b = append(b, line...)
	}
	e.replace(s.from, s.to, b)
	e.dot = e.firstNonBlank(s.from)
}

// dedented is a line without its first tab, or as many blanks.
func (e *Editor) dedented(line []byte) []byte {
	for n := 0; n < e.opts.tabstop && len(line) > 0; n++ {
		if line[0] == '\t' {
			return line[1:]
		}
		if line[0] != ' ' {
			break
		}
		line = line[1:]
	}
	return line
}

// tab is what the Tab key inserts in a column.
func (e *Editor) tab(column int) []byte {
	if !e.opts.expandtab {
		return []byte{'\t'}
	}
	return bytes.Repeat([]byte{' '}, e.opts.tabstop-column%e.opts.tabstop)
}

// tellYanked is the message about a register.
func (e *Editor) tellYanked(verb string, name key, times int) {
	if e.replaying || e.status.text != "" {
		return
	}
	text := e.regs[name].text
	e.say("%s %d lines (%d chars) from [%s]", verb, bytes.Count(text, []byte{'\n'})*times, len(text)*times, registerName(name))
}

func registerName(name key) string {
	if name == 0 {
		return "D"
	}
	return strings.ToUpper(string(rune(name)))
}
