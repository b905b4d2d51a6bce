package vi

import (
	"regexp"
	"slices"
)

// pattern compiles what is searched for; what is no pattern stands for itself.
func (e *Editor) pattern() *regexp.Regexp {
	re, err := e.Compile(e.find, e.ignorecase)
	if err != nil {
		re, _ = literal(e.find, e.ignorecase)
	}
	return re
}

// next goes to the next place where the pattern matches, over the end of the
// text if need be.
func (e *Editor) next(backward bool) {
	if e.find == "" {
		e.message = "No previous search"
		return
	}
	re := e.pattern()
	for i := range len(e.lines) + 1 {
		row, step := e.row+i, 1
		if backward {
			row, step = e.row-i, -1
		}
		row = ((row % len(e.lines)) + len(e.lines)) % len(e.lines)
		hits := columns(re, e.lines[row])
		if i == 0 {
			hits = slices.DeleteFunc(hits, func(c int) bool { return (c-e.col)*step <= 0 })
		}
		if len(hits) == 0 {
			continue
		}
		col := hits[0]
		if backward {
			col = hits[len(hits)-1]
		}
		e.to(row, col)
		return
	}
	e.message = "Pattern not found"
}

// columns are where a pattern matches in a line.
func columns(re *regexp.Regexp, line []rune) (out []int) {
	text := string(line)
	for _, at := range re.FindAllStringIndex(text, -1) {
		out = append(out, len([]rune(text[:at[0]])))
	}
	return out
}
