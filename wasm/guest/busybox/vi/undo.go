package vi

import "slices"

// maxPast is how many changes can be undone.
const maxPast = 200

// A version is the text as it was. Lines are never changed in place, so that
// versions share them.
type version struct {
	lines    [][]rune
	row, col int
	changed  bool
}

// remember keeps the text as it is, before a change.
func (e *Editor) remember() {
	if e.ReadOnly && !e.changed {
		e.message = "'" + e.File + "' is read only"
	}
	e.past = append(e.past, version{slices.Clone(e.lines), e.row, e.col, e.changed})
	if over := len(e.past) - maxPast; over > 0 {
		e.past = slices.Delete(e.past, 0, over)
	}
	e.changed = true
}

func (e *Editor) undo() {
	if len(e.past) == 0 {
		e.message = "Already at oldest change"
		return
	}
	v := e.past[len(e.past)-1]
	e.past = e.past[:len(e.past)-1]
	e.lines, e.changed = v.lines, v.changed
	e.to(v.row, v.col)
}

// again makes the last change once more.
func (e *Editor) again() {
	if e.repeating {
		return
	}
	e.repeating, e.pending = true, nil
	for _, k := range e.last {
		e.Key(k)
	}
	e.repeating = false
}
