package vi

import (
	"strconv"
	"strings"
)

// A command is what keys say: ["reg][count][operator][count]key[argument].
type command struct {
	reg     key // 0: the default register
	count   int // at least 1
	counted bool
	op      key // d, c, y, < or >; 0: none
	key     key // a motion after an operator, or the operator once more: lines
	arg     key // of f F t T r m ' Z g
}

// maxCount bounds how often a command is done.
const maxCount = 1 << 20

// parse reads a command; it is not ok if no command begins so.
func parse(keys []key) (c command, complete, ok bool) {
	p := parser{keys: keys}
	c.count = 1
	p.number(&c)
	if p.peek() == '"' {
		p.next()
		if c.reg = p.next(); p.short {
			return c, false, true
		}
		if c.reg < 'a' || c.reg > 'z' {
			return c, true, false
		}
		p.number(&c)
	}
	c.key = p.next()
	if c.key > 0 && c.key < keyUp && strings.ContainsRune("dcy<>", rune(c.key)) {
		c.op = c.key
		p.number(&c)
		c.key = p.next()
	}
	if c.key > 0 && c.key < keyUp && strings.ContainsRune("fFtTrm'Zg", rune(c.key)) {
		c.arg = p.next()
	}
	return c, !p.short, c.arg != escape && c.key != escape
}

// A parser walks over keys; short tells that there were not enough.
type parser struct {
	keys  []key
	short bool
}

func (p *parser) peek() key {
	if len(p.keys) == 0 {
		return -1
	}
	return p.keys[0]
}

func (p *parser) next() key {
	if len(p.keys) == 0 {
		p.short = true
		return -1
	}
	k := p.keys[0]
	p.keys = p.keys[1:]
	return k
}

// number multiplies the count by one that comes now, if any does.
func (p *parser) number(c *command) {
	n := countLength(p.keys)
	if n == 0 {
		return
	}
	v := 0
	for _, k := range p.keys[:n] {
		v = min(v*10+int(k-'0'), maxCount)
	}
	c.count, c.counted = min(c.count*v, maxCount), true
	p.keys = p.keys[n:]
}

// countLength is how many digits keys begin with; 0 alone is a motion.
func countLength(keys []key) (n int) {
	for n < len(keys) && keys[n] >= '0' && keys[n] <= '9' && (n > 0 || keys[n] != '0') {
		n++
	}
	return n
}

func digits(n int) (keys []key) {
	for _, d := range strconv.Itoa(n) {
		keys = append(keys, key(d))
	}
	return keys
}

// commandKey takes a key of a command.
func (e *Editor) commandKey(k key) {
	if k == ctrlC {
		k = escape
	}
	e.pending = append(e.pending, k)
	c, complete, ok := parse(e.pending)
	switch {
	case !ok:
		e.pending, e.bell = nil, true
	case complete:
		e.pending = nil
		e.do(c)
	case len(e.pending) > 40: // digits without end
		e.pending, e.bell = nil, true
	}
}

// do does a command.
func (e *Editor) do(c command) {
	vertical := false
	if m, found := e.motions[c.key]; c.op != 0 {
		e.operate(c, m, found)
	} else if found {
		e.move(c, m)
		vertical = m.vertical
	} else if f := e.commands[c.key]; f != nil {
		f(e, c)
	} else {
		e.unknown(c.key)
	}
	if !vertical {
		e.want = -1
	}
	if c.op == 0 && (c.key == '$' || c.key == keyEnd) {
		e.want = maxCount
	}
}

func (e *Editor) unknown(k key) {
	switch {
	case k >= keyUp:
		e.bell = true
	case k >= 0 && k < ' ':
		e.warn("'^%c' is not implemented", k+'@')
	default:
		e.warn("'%s' is not implemented", k.bytes())
	}
}

// changing marks what the dot command repeats.
func changing(f func(*Editor, command)) func(*Editor, command) {
	return func(e *Editor, c command) {
		e.changes = true
		f(e, c)
	}
}

// commands are those that are no motions: the table of contents.
func commands() map[key]func(*Editor, command) {
	return map[key]func(*Editor, command){
		'a': changing(func(e *Editor, _ command) { e.insertAt(e.right(e.dot)) }),
		'A': changing(func(e *Editor, _ command) { e.insertAt(e.text.eol(e.dot)) }),
		'i': changing(func(e *Editor, _ command) { e.insertAt(e.dot) }),
		'I': changing(func(e *Editor, _ command) { e.insertAt(e.firstNonBlank(e.dot)) }),
		'o': changing(openBelow), 'O': changing(openAbove),
		'R': changing(func(e *Editor, _ command) { e.mode = replacing }), keyInsert: changing(func(e *Editor, _ command) { e.mode = inserting }),
		'C': short('c', '$'), 'D': short('d', '$'), 's': short('c', 'l'), 'S': short('c', 'c'),
		'x': short('d', 'l'), 'X': short('d', 'h'), 'Y': short('y', 'y'), keyDelete: short('d', 'l'),
		'p': changing(put), 'P': changing(put), 'J': changing(join), 'r': changing(replace), '~': changing(flipCase),
		'u': undo, '.': repeat, 'm': mark, 'Z': leave,
		':': ask, '/': ask, '?': ask,
		ctrlG: func(e *Editor, _ command) { e.tellPlace() }, ctrlL: redraw, ctrlR: redraw,
		ctrlE: scrollLines, ctrlY: scrollLines,
	}
}

// short is a command that stands for an operator with a motion.
func short(op, motion key) func(*Editor, command) {
	return func(e *Editor, c command) {
		c.op, c.key = op, motion
		e.do(c)
	}
}

func mark(e *Editor, c command) {
	if c.arg < 'a' || c.arg > 'z' {
		e.bell = true
		return
	}
	e.marks[c.arg] = e.dot
}

// leave is ZZ and ZQ.
func leave(e *Editor, c command) {
	switch c.arg {
	case 'Z':
		e.colon("x")
	case 'Q':
		e.over = true
	default:
		e.bell = true
	}
}

func redraw(e *Editor, _ command) { e.screen.forget() }

func undo(e *Editor, _ command) {
	last, ok := e.text.revert()
	if !ok {
		e.say("Already at oldest change")
		return
	}
	verb, n := "deleted", last.size
	if len(last.old) > 0 {
		verb, n = "restored", len(last.old)
	}
	e.dot = min(last.at, len(e.text.b)-1)
	e.say("Undo [%d] %s %d chars at position %d", e.text.depth(), verb, n, last.at)
}
