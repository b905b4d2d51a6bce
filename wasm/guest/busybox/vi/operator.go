package vi

import (
	"slices"
	"strings"
	"unicode"
)

// operate does an operator on what lies between the cursor and a motion's end;
// the operator twice takes whole lines.
func (e *Editor) operate(op rune, args []rune, count int, counted bool) (more bool) {
	if len(args) == 0 {
		return true
	}
	m, known := e.target(op, args, count, counted)
	if !known {
		return len(args) == 1 && strings.ContainsRune("gfFtT", args[0])
	}
	if m.lines || op == '<' || op == '>' {
		e.onLines(op, min(e.row, m.row), max(e.row, m.row))
		return false
	}
	from, to := place{e.row, e.col}, m.place
	if to.row < from.row || to.row == from.row && to.col < from.col {
		from, to = to, from
	}
	if m.inclusive {
		to.col++
	}
	e.onText(op, from, to)
	return false
}

// target is where the motion of an operator leads.
func (e *Editor) target(op rune, args []rune, count int, counted bool) (motion, bool) {
	here := motion{place: place{e.row, e.col}}
	switch k := args[0]; {
	case k == op:
		return motion{place: place{min(e.row+count, len(e.lines)) - 1, 0}, lines: true}, true
	case k == 'g' && len(args) > 1:
		return motion{lines: true}, args[1] == 'g'
	case strings.ContainsRune("fFtT", k) && len(args) > 1:
		col, ok := e.findInLine(k, args[1], count)
		if !ok {
			return here, true
		}
		return motion{place: place{e.row, col}, inclusive: col > e.col}, true
	case op == 'c' && (k == 'w' || k == 'W') && e.at(here.place, true) != 0:
		return e.thisWord(k == 'W', count), true
	case k == 'w' || k == 'W':
		return e.wordsInLine(k, count), true
	default:
		return e.move(k, count, counted)
	}
}

// wordsInLine is the motion of dw: it takes no end of line with the last word.
func (e *Editor) wordsInLine(k rune, count int) motion {
	m, _ := e.move(k, count, true)
	if m.row > e.row {
		m.row--
		m.col = len(e.lines[m.row])
	}
	return m
}

// thisWord is the motion of cw: it leaves the blanks behind the word.
func (e *Editor) thisWord(big bool, count int) motion {
	p := place{e.row, e.col - 1} // the cursor may be at the word's end already
	for range count {
		p = e.endOfWord(p, big)
	}
	return motion{place: p, inclusive: true}
}

func (e *Editor) onLines(op rune, first, last int) {
	switch op {
	case '<', '>':
		e.shift(op, first, last)
		return
	case 'y':
		e.yank(slices.Clone(e.lines[first:last+1]), true)
		e.row = first
		return
	}
	e.remember()
	e.yank(slices.Clone(e.lines[first:last+1]), true)
	keep := []rune{}
	if op == 'c' && e.autoindent {
		keep = slices.Clone(e.lines[first][:leading(e.lines[first])])
	}
	e.lines = slices.Replace(e.lines, first, last+1, keep)
	if op == 'c' {
		e.mode = insert
		e.to(first, len(keep))
		return
	}
	if len(e.lines) > 1 {
		e.lines = slices.Delete(e.lines, first, first+1)
	}
	e.row = min(first, len(e.lines)-1)
	e.to(e.row, indent(e.line()))
}

func (e *Editor) onText(op rune, from, to place) {
	text := e.between(from, to)
	if op == 'y' {
		e.yank(text, false)
		e.to(from.row, from.col)
		return
	}
	e.remember()
	e.yank(text, false)
	e.cut(from, to)
	if op == 'c' {
		e.mode = insert
	}
	e.to(from.row, from.col)
}

// between is the text from one place to another one.
func (e *Editor) between(from, to place) (out [][]rune) {
	for row := from.row; row <= to.row; row++ {
		line := e.lines[row]
		first, last := 0, len(line)
		if row == from.row {
			first = min(from.col, len(line))
		}
		if row == to.row {
			last = min(to.col, len(line))
		}
		out = append(out, slices.Clone(line[first:max(first, last)]))
	}
	return out
}

func (e *Editor) cut(from, to place) {
	tail := e.lines[to.row][min(to.col, len(e.lines[to.row])):]
	head := e.lines[from.row][:min(from.col, len(e.lines[from.row]))]
	e.lines = slices.Replace(e.lines, from.row, to.row+1, slices.Concat(head, tail))
}

func (e *Editor) yank(text [][]rune, lines bool) { e.yanked, e.yankedLines = text, lines }

// shift moves lines by two columns, as manifests are indented.
func (e *Editor) shift(op rune, first, last int) {
	e.remember()
	for row := first; row <= last; row++ {
		line := e.lines[row]
		switch {
		case op == '>' && len(line) > 0:
			e.lines[row] = slices.Concat([]rune("  "), line)
		case op == '<':
			e.lines[row] = slices.Clone(line[min(2, leading(line)):])
		}
	}
	e.to(first, indent(e.lines[first]))
}

// leading is how many blanks a line begins with.
func leading(line []rune) int {
	for i, r := range line {
		if !unicode.IsSpace(r) {
			return i
		}
	}
	return len(line)
}
