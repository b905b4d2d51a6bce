package vi

// exWrite is :w, :wq, :wn and :x.
func exWrite(e *Editor, x ex) {
	name := e.name
	switch {
	case x.args != "":
		if name = x.args; name != e.name && !x.force && e.cfg.Files.Exists(name) {
			e.warn("File exists (:w! overrides)")
			return
		}
	case name == "":
		e.warn("No current filename")
		return
	case e.cfg.ReadOnly && !x.force:
		e.warn("'%s' is read only", name)
		return
	}
	b := e.text.b
	if x.given > 0 {
		s := x.span(e)
		b = b[s.from:s.to]
	}
	if !e.write(name, b, x) {
		return
	}
	switch x.name {
	case "wn":
		exNext(e, x)
	case "wq", "x", "xi", "xit":
		e.quit(x)
	}
}

// write saves a text; :x does not if nothing has changed.
func (e *Editor) write(name string, b []byte, x ex) bool {
	if x.name[0] == 'x' && !e.text.modified() && x.args == "" {
		e.say("'%s' 0L, 0C", name)
		return true
	}
	if err := e.cfg.Files.Write(name, b); err != nil {
		e.warn("'%s' %s", name, e.cfg.Files.Reason(err))
		return false
	}
	e.say("'%s' %dL, %dC", name, lineCount(b), len(b))
	if e.name == "" {
		e.name = name
	}
	if len(b) == len(e.text.b) && name == e.name {
		e.text.close()
		e.text.disk = e.text.now
	}
	return true
}

func lineCount(b []byte) (n int) {
	for _, c := range b {
		if c == '\n' {
			n++
		}
	}
	return n
}

// unsaved says why the text cannot be left, if it cannot.
func (e *Editor) unsaved(x ex) bool {
	if !e.text.modified() || x.force {
		return false
	}
	e.warn("No write since last change (:%s! overrides)", x.name)
	return true
}

func exQuit(e *Editor, x ex) {
	if !e.unsaved(x) {
		e.quit(x)
	}
}

// quit leaves the editor if no more files are to be edited.
func (e *Editor) quit(x ex) {
	if n := len(e.cfg.Names) - e.at - 1; n > 0 && !x.force {
		e.warn("%d more file(s) to edit", n)
		return
	}
	e.over = true
}

func exNext(e *Editor, x ex) { e.turn(x, 1, "No more files to edit") }
func exPrev(e *Editor, x ex) { e.turn(x, -1, "No previous files to edit") }

// turn goes to another of the files.
func (e *Editor) turn(x ex, by int, none string) {
	switch to := e.at + by; {
	case e.unsaved(x):
	case to < 0 || to >= len(e.cfg.Names):
		e.warn("%s", none)
	default:
		e.at = to
		e.open(e.cfg.Names[to])
	}
}
