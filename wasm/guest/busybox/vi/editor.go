package vi

import (
	"regexp"
	"strings"
)

// The modes of an Editor.
type mode int

const (
	command mode = iota
	insert
	replace
	prompt // a line that begins with ':', '/' or '?' is typed
)

// An Editor is a text that is edited by keys. The text has one line at least,
// and the cursor is in it.
type Editor struct {
	File     string
	ReadOnly bool
	Save     func(file, text string) error // what :w does; nil: nothing can be saved
	Load     func(file string) (string, error)
	Compile  func(pattern string, fold bool) (*regexp.Regexp, error) // of searches

	lines    [][]rune
	row, col int
	want     int // the column that the cursor has when lines are long enough
	top      int // the first line on the screen
	height   int // lines on the screen

	mode    mode
	typed   []rune // of the prompt, with its first rune
	message string // below the text, until the next key
	pending []rune // of a command that is not yet complete
	changed bool
	done    bool

	yanked      [][]rune
	yankedLines bool
	find        string
	backward    bool
	past        []version
	last        []rune // the keys of the last change, for "."
	record      []rune // the keys of the change that is made now
	repeating   bool
	autoindent  bool
	number      bool
	ignorecase  bool
}

// New returns an Editor of a text.
func New(file, text string) *Editor {
	e := &Editor{File: file, height: 23, Compile: literal}
	e.set(text)
	return e
}

// literal is a pattern without any special character.
func literal(pattern string, fold bool) (*regexp.Regexp, error) {
	flags := ""
	if fold {
		flags = "(?i)"
	}
	return regexp.Compile(flags + regexp.QuoteMeta(strings.ToValidUTF8(pattern, "?")))
}

func (e *Editor) set(text string) {
	e.lines = nil
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		e.lines = append(e.lines, []rune(line))
	}
	e.row, e.col, e.top, e.changed, e.past = 0, 0, 0, false, nil
}

// Text returns the text.
func (e *Editor) Text() string {
	if len(e.lines) == 1 && len(e.lines[0]) == 0 {
		return ""
	}
	var b strings.Builder
	for _, line := range e.lines {
		b.WriteString(string(line))
		b.WriteByte('\n')
	}
	return b.String()
}

// Done reports whether the user has left.
func (e *Editor) Done() bool { return e.done }

// Key takes one key.
func (e *Editor) Key(k rune) {
	e.message = ""
	switch e.mode {
	case insert, replace:
		e.record = append(e.record, k)
		e.insertKey(k)
	case prompt:
		e.promptKey(k)
	default:
		e.commandKey(k)
	}
	e.keepInside()
}

// keepInside puts the cursor where it may be.
func (e *Editor) keepInside() {
	e.row = min(max(e.row, 0), len(e.lines)-1)
	end := len(e.line())
	if e.mode == command && end > 0 {
		end--
	}
	e.col = min(max(e.col, 0), end)
	if e.row < e.top {
		e.top = e.row
	}
	e.top = max(e.top, e.row-e.height+1)
}

func (e *Editor) line() []rune { return e.lines[min(e.row, len(e.lines)-1)] }

// to moves the cursor, and remembers its column.
func (e *Editor) to(row, col int) {
	e.row, e.col, e.want = row, col, col
	e.keepInside()
}
