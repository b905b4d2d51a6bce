package vi

import (
	"slices"
	"unicode"
)

// maxPut is how many characters one command may put.
const maxPut = 1 << 18

// maxTimes is how often one command is done.
const maxTimes = 1000

// small does the commands that change something without a motion.
func (e *Editor) small(k rune, count int) bool {
	count = min(count, maxTimes)
	switch k {
	case 'x', keyDelete:
		e.operate('d', []rune{'l'}, count, true)
	case 'X':
		e.operate('d', []rune{'h'}, count, true)
	case 'D':
		e.operate('d', []rune{'$'}, count, true)
	case 'C':
		e.operate('c', []rune{'$'}, count, true)
	case 's':
		e.operate('c', []rune{'l'}, count, true)
	case 'S':
		e.operate('c', []rune{'c'}, count, true)
	case 'Y':
		e.operate('y', []rune{'y'}, count, true)
	case 'p', 'P':
		e.put(k == 'p', count)
	case 'J':
		e.join(max(count-1, 1))
	case '~':
		e.flip(count)
	case 'u':
		e.undo()
	case '.':
		e.again()
	default:
		return false
	}
	return true
}

// put puts what was yanked behind the cursor, or before it.
func (e *Editor) put(behind bool, count int) {
	if e.yanked == nil {
		e.message = "Nothing in register"
		return
	}
	size := len(e.yanked)
	for _, line := range e.yanked {
		size += len(line)
	}
	if size*count > maxPut {
		e.message = "Too much to put"
		return
	}
	e.remember()
	for range count {
		if e.yankedLines {
			e.putLines(behind)
		} else {
			e.putText(behind)
		}
	}
}

func (e *Editor) putLines(behind bool) {
	row := e.row
	if behind {
		row++
	}
	for i, line := range e.yanked {
		e.lines = slices.Insert(e.lines, row+i, slices.Clone(line))
	}
	e.to(row, indent(e.lines[row]))
}

func (e *Editor) putText(behind bool) {
	line, col := e.line(), e.col
	if behind && len(line) > 0 {
		col++
	}
	text := make([][]rune, len(e.yanked))
	for i := range text {
		text[i] = slices.Clone(e.yanked[i])
	}
	tail := slices.Clone(line[col:])
	text[0] = slices.Concat(line[:col], text[0])
	last := len(text) - 1
	end := len(text[last])
	text[last] = append(text[last], tail...)
	e.lines = slices.Replace(e.lines, e.row, e.row+1, text...)
	if last == 0 {
		e.to(e.row, end-1)
	} else {
		e.to(e.row, col)
	}
}

// join puts the next lines behind this one, with a blank between.
func (e *Editor) join(times int) {
	if e.row == len(e.lines)-1 {
		return
	}
	e.remember()
	for range min(times, len(e.lines)-1-e.row) {
		next := e.lines[e.row+1]
		next = next[leading(next):]
		line := slices.Clone(e.line())
		col := len(line)
		if len(line) > 0 && len(next) > 0 && !unicode.IsSpace(line[col-1]) {
			line = append(line, ' ')
		}
		e.lines = slices.Replace(e.lines, e.row, e.row+2, slices.Concat(line, next))
		e.to(e.row, col)
	}
}

func (e *Editor) flip(count int) {
	if len(e.line()) == 0 {
		return
	}
	e.remember()
	line := slices.Clone(e.line())
	end := min(e.col+count, len(line))
	for i := e.col; i < end; i++ {
		if unicode.IsUpper(line[i]) {
			line[i] = unicode.ToLower(line[i])
		} else {
			line[i] = unicode.ToUpper(line[i])
		}
	}
	e.lines[e.row] = line
	e.to(e.row, end)
}

func (e *Editor) replaceRunes(with rune, count int) {
	if e.col+count > len(e.line()) {
		return
	}
	e.remember()
	line := slices.Clone(e.line())
	for i := range count {
		line[e.col+i] = with
	}
	e.lines[e.row] = line
	if with == enter {
		e.lines = slices.Replace(e.lines, e.row, e.row+1, slices.Clone(line[:e.col]), slices.Clone(line[e.col+count:]))
		e.to(e.row+1, 0)
		return
	}
	e.to(e.row, e.col+count-1)
}
