package vi

import "slices"

// Config is what an Editor is made of.
type Config struct {
	Files      Files
	Names      []string // the files to edit, one after another
	Cols, Rows int      // of the terminal
	ReadOnly   bool
	Commands   []string // colon commands to begin with
}

// Files is what holds the texts.
type Files interface {
	// Read returns a file; fs.ErrNotExist if there is none.
	Read(name string) ([]byte, error)
	// Write replaces a file as a whole, or fails and leaves it as it is.
	Write(name string, data []byte) error
	// Exists tells whether there is something of that name.
	Exists(name string) bool
	// Reason words an error of the others.
	Reason(err error) string
}

// A mode is what keys mean.
type mode byte

const (
	commanding mode = iota
	inserting
	replacing
	prompting // a line is typed at the bottom
)

// An Editor edits texts. It never waits: it is fed keys and asked for its
// screen.
type Editor struct {
	cfg      Config
	commands map[key]func(*Editor, command)
	motions  map[key]motion

	name  string // of the file; "" none
	at    int    // which of cfg.Names it is
	text  text
	dot   int // the cursor
	marks map[key]int
	regs  map[key]register
	find  lastFind
	seek  search
	opts  options

	keys    decoder
	mode    mode
	pending []key // of a command that is not complete
	literal bool  // ^V was typed
	line    prompt

	current   []key // since the last command ended
	last      []key // the last change, for the dot command
	changes   bool  // the current command is one that the dot command repeats
	replaying bool

	screen screen
	status message
	want   int // the column that j and k aim at; -1: that of the cursor
	bell   bool
	over   bool
}

// New returns an Editor of the first file.
func New(cfg Config) *Editor {
	e := &Editor{cfg: cfg, commands: commands(), motions: motions(), opts: options{tabstop: 8}}
	e.marks, e.regs = map[key]int{}, map[key]register{}
	e.Resize(cfg.Cols, cfg.Rows)
	name := ""
	if len(cfg.Names) > 0 {
		name = cfg.Names[0]
	}
	e.open(name)
	for _, c := range cfg.Commands {
		e.colon(c)
	}
	return e
}

// Type takes what was typed.
func (e *Editor) Type(b []byte) {
	for _, k := range e.keys.decode(b) {
		e.press(k)
	}
}

// Waiting tells that an Escape was typed which may be the start of a longer
// sequence; Settle says that nothing has followed it.
func (e *Editor) Waiting() bool { return len(e.keys.rest) > 0 }

// Settle takes what was typed as it is.
func (e *Editor) Settle() {
	for _, k := range e.keys.settle() {
		e.press(k)
	}
}

// Over tells that the user has left the editor.
func (e *Editor) Over() bool { return e.over }

// press takes one key.
func (e *Editor) press(k key) {
	if e.over {
		return
	}
	if !e.replaying {
		e.status = message{}
		e.remember(k)
	}
	switch e.mode {
	case prompting:
		e.promptKey(k)
	case inserting, replacing:
		e.insertKey(k)
	default:
		e.commandKey(k)
	}
	e.stayOnText()
	e.scroll()
	if e.mode == commanding && len(e.pending) == 0 {
		e.finish()
	}
}

// maxRepeat is the longest change that the dot command repeats, in keys.
const maxRepeat = 4096

func (e *Editor) remember(k key) {
	if len(e.current) <= maxRepeat {
		e.current = append(e.current, k)
	}
}

// finish ends a command: what comes next is undone by itself.
func (e *Editor) finish() {
	if e.replaying {
		return
	}
	if e.changes && len(e.current) <= maxRepeat {
		e.last = slices.Clone(e.current)
	}
	e.current, e.changes = e.current[:0], false
	e.text.close()
}

// stayOnText keeps the cursor off what is no character.
func (e *Editor) stayOnText() {
	e.dot = e.text.start(min(max(e.dot, 0), len(e.text.b)-1))
	if e.mode == commanding && e.text.b[e.dot] == '\n' && e.dot > e.text.bol(e.dot) {
		e.dot = e.text.prev(e.dot)
	}
}

// repeat types the last change's keys once more.
func repeat(e *Editor, c command) {
	if e.replaying || len(e.last) == 0 {
		e.bell = true
		return
	}
	keys := slices.Clone(e.last)
	if c.counted {
		keys = append(digits(c.count), keys[countLength(keys):]...)
	}
	e.replaying = true
	for _, k := range keys {
		e.press(k)
	}
	e.replaying, e.changes = false, false
}
