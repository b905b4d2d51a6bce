package vi

import (
	"slices"
	"strconv"
	"strings"
)

// commandKey takes a key in command mode. Keys gather until they are a command.
func (e *Editor) commandKey(k rune) {
	if k == escape {
		e.pending = nil
		return
	}
	e.pending = append(e.pending, k)
	count, counted, rest := counts(e.pending)
	if len(rest) == 0 {
		return
	}
	before := len(e.past)
	if e.run(rest[0], rest[1:], count, counted) {
		return // not complete
	}
	keys := e.pending
	e.pending = nil
	if rest[0] != '.' && !e.repeating && (len(e.past) > before || e.mode == insert || e.mode == replace) {
		e.record = slices.Clone(keys)
		e.recorded()
	}
}

// recorded keeps the change that was made, once it is complete.
func (e *Editor) recorded() {
	if !e.repeating && e.mode == command {
		e.last = e.record
	}
}

// counts takes the numbers out of a command: 2d3w is d6w.
func counts(keys []rune) (count int, counted bool, rest []rune) {
	count = 1
	for len(keys) > 0 {
		digits := 0
		for digits < len(keys) && keys[digits] >= '0' && keys[digits] <= '9' && (digits > 0 || keys[0] != '0') {
			digits++
		}
		if digits > 0 && !argument(rest) {
			n, _ := strconv.Atoi(string(keys[:digits]))
			count, counted = min(count*min(n, 10_000), 10_000), true
			keys = keys[digits:]
			continue
		}
		rest, keys = append(rest, keys[0]), keys[1:]
	}
	return count, counted, rest
}

// argument reports whether the next key is the argument of a command.
func argument(rest []rune) bool {
	return len(rest) > 0 && strings.ContainsRune("rfFtT", rest[len(rest)-1])
}

// run does a command; more is true if its argument is still missing.
func (e *Editor) run(k rune, args []rune, count int, counted bool) (more bool) {
	if strings.ContainsRune("dcy<>", k) {
		return e.operate(k, args, count, counted)
	}
	if strings.ContainsRune("rgZfFtT\"'`m@q", k) && len(args) == 0 {
		return true
	}
	if len(args) > 0 {
		e.withArgument(k, args[0], count, counted)
		return false
	}
	if m, known := e.move(k, count, counted); known {
		e.follow(k, m)
		return false
	}
	if !e.view(k) && !e.enterInsert(k) && !e.small(k, count) {
		e.message = "'" + string(k) + "' is not implemented"
	}
	return false
}

// follow moves the cursor along a motion.
func (e *Editor) follow(k rune, m motion) {
	want := e.want
	e.to(m.row, m.col)
	switch k {
	case 'j', 'k', keyUp, keyDown, '\x0e', '\x10':
		e.want = want
	case '$', keyEnd:
		e.want = 1 << 30
	}
}

func (e *Editor) withArgument(k, arg rune, count int, counted bool) {
	switch {
	case k == 'r':
		e.replaceRunes(arg, count)
	case k == 'g' && arg == 'g':
		if !counted {
			count = 1
		}
		e.to(count-1, 0)
		e.to(e.row, indent(e.line()))
	case k == 'Z' && arg == 'Z':
		e.colon("x")
	case k == 'Z' && arg == 'Q':
		e.colon("q!")
	case strings.ContainsRune("fFtT", k):
		if col, ok := e.findInLine(k, arg, count); ok {
			e.to(e.row, col)
		}
	default:
		e.message = "'" + string([]rune{k, arg}) + "' is not implemented"
	}
}

// findInLine finds a character in the line, as f, F, t and T do.
func (e *Editor) findInLine(k, arg rune, count int) (col int, ok bool) {
	line, col, step := e.line(), e.col, 1
	if k == 'F' || k == 'T' {
		step = -1
	}
	for count > 0 {
		if col += step; col < 0 || col >= len(line) {
			return 0, false
		}
		if line[col] == arg {
			count--
		}
	}
	if k == 't' || k == 'T' {
		col -= step
	}
	return col, true
}

// view does what shows another part of the text, or begins a prompt.
func (e *Editor) view(k rune) bool {
	switch k {
	case ':', '/', '?':
		e.mode, e.typed = prompt, []rune{k}
	case 'n', 'N':
		e.next(e.backward != (k == 'N'))
	case '\x06', keyPageDown:
		e.to(e.row+e.height-2, 0)
	case '\x02', keyPageUp:
		e.to(e.row-e.height+2, 0)
	case '\x04':
		e.to(e.row+e.height/2, 0)
	case '\x15':
		e.to(e.row-e.height/2, 0)
	case '\x07':
		e.message = e.status()
	case '\x0c', '\x03', keyNone:
	default:
		return false
	}
	return true
}
