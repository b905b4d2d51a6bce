package vi

import (
	"errors"
	"io/fs"
	"strings"
)

// exCommand is a colon command. Any beginning of its name will do.
type exCommand struct {
	name string
	do   func(e *Editor, x ex)
}

// exCommands are all colon commands: the table of contents. The first that
// matches is meant.
func exCommands() []exCommand {
	return []exCommand{
		{"=", func(e *Editor, x ex) { e.say("%d", x.to) }},
		{"delete", exDelete},
		{"edit", exEdit},
		{"file", exFile},
		{"quit", exQuit},
		{"next", exNext},
		{"prev", exPrev},
		{"read", exRead},
		{"set", exSet},
		{"write", exWrite},
		{"wq", exWrite},
		{"wn", exWrite},
		{"xit", exWrite},
		{"yank", exYank},
	}
}

// colon does what was typed after a colon.
func (e *Editor) colon(text string) {
	x, ok := e.parseEx(text)
	switch {
	case !ok:
		if e.status.text == "" {
			e.warn("Invalid range")
		}
	case x.name == "" && x.given > 0:
		e.dot = e.firstNonBlank(e.text.lineAt(x.to))
	case x.name == "" || x.name == "\"":
	case x.name == "s":
		e.substitute(x)
	default:
		for _, c := range exCommands() {
			if strings.HasPrefix(c.name, x.name) {
				c.do(e, x)
				e.stayOnText()
				return
			}
		}
		e.warn("':%s' is not implemented", text)
	}
	e.stayOnText()
}

// span is what the lines of a command are in the text.
func (x ex) span(e *Editor) span {
	from := e.text.lineAt(x.from)
	return span{from, e.text.eol(e.text.lineAt(x.to)) + 1, true}
}

func exDelete(e *Editor, x ex) { e.remove(command{}, x.span(e)) }

func exYank(e *Editor, x ex) {
	e.yank(command{}, x.span(e))
	e.tellYanked("Yank", 0, 1)
}

func exEdit(e *Editor, x ex) {
	if e.text.modified() && !x.force {
		e.warn("No write since last change (:%s! overrides)", x.name)
		return
	}
	name := x.args
	if name == "" {
		name = e.name
	}
	if name == "" {
		e.warn("No current filename")
		return
	}
	isNew := e.open(name)
	if e.status.text != "" {
		return
	}
	flags := ""
	if isNew {
		flags = " [New file]"
	}
	if e.cfg.ReadOnly {
		flags += " [Readonly]"
	}
	e.say("'%s'%s %dL, %dC", name, flags, e.text.lines(0, len(e.text.b)), len(e.text.b))
}

// open begins to edit a file.
func (e *Editor) open(name string) (isNew bool) {
	b, isNew := e.load(name)
	e.name = name
	if len(b) > maxText {
		e.warn("'%s' File too large", name)
		b, e.name = nil, ""
	}
	e.text.moved = e.follow
	e.text.reset(b)
	e.dot, e.screen.top = 0, 0
	clear(e.marks)
	return isNew
}

func (e *Editor) load(name string) (b []byte, isNew bool) {
	if name == "" {
		return nil, true
	}
	b, err := e.cfg.Files.Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, true
	}
	if err != nil {
		e.warn("'%s' %s", name, e.cfg.Files.Reason(err))
		return nil, false
	}
	return b, false
}

func exFile(e *Editor, x ex) {
	if x.given > 0 {
		e.warn("No address allowed on this command")
	} else if x.args != "" {
		e.name = x.args
	}
}

func exRead(e *Editor, x ex) {
	name := x.args
	if name == "" {
		name = e.name
	}
	if name == "" {
		e.warn("No current filename")
		return
	}
	b, err := e.cfg.Files.Read(name)
	if err != nil {
		e.warn("'%s' %s", name, e.cfg.Files.Reason(err))
		return
	}
	at := e.text.lineAt(x.to)
	if x.given == 0 || x.to > 0 {
		at = e.text.eol(at) + 1
	}
	if len(b) > 0 && b[len(b)-1] != '\n' {
		b = append(b, '\n')
	}
	if e.replace(at, at, b) {
		e.dot = at
		e.say("'%s' %dL, %dC", name, strings.Count(string(b), "\n"), len(b))
	}
}

func exSet(e *Editor, x ex) {
	if x.args == "" || x.args == "all" {
		e.warn("%s", e.opts.String())
		return
	}
	if bad := e.opts.set(x.args); bad != "" {
		e.warn("bad option: %s", bad)
	}
}
