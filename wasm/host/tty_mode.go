package host

// ttyMode is what a terminal does to the bytes that pass through it: the flags
// of termios that are not always the same here.
type ttyMode uint32

const (
	modeCanon   ttyMode = 1 << iota // ICANON: lines that can be edited
	modeSignals                     // ISIG: ^C and ^\ are signals
	modeEcho                        // ECHO: what is typed is shown
	modeReturn                      // ICRNL: Return types a newline
	modeOutput                      // OPOST and ONLCR: a newline goes to the first column

	modeRaw    ttyMode = 0
	modeCooked         = modeCanon | modeSignals | modeEcho | modeReturn | modeOutput
)

// tty finds the terminal behind a descriptor.
func (p *Process) tty(fd uint32) (*TTY, errno) {
	d, found := p.descriptor(fd)
	if !found {
		return nil, eBADF
	}
	end, isTTY := d.open.obj.(*ttyEnd)
	if !isTTY {
		return nil, eNOTTY
	}
	return end.t, ok
}

func isatty(p *Process, a args) errno {
	_, e := p.tty(a.u32(0))
	return e
}

func ttySize(p *Process, a args) errno {
	t, e := p.tty(a.u32(0))
	if e != ok {
		return e
	}
	rows, cols := t.size()
	if e := p.mem.putU32(a.u32(1), uint32(cols)); e != ok {
		return e
	}
	return p.mem.putU32(a.u32(2), uint32(rows))
}

func ttyRaw(p *Process, a args) errno {
	m := modeCooked
	if a.u32(1) != 0 {
		m = modeRaw
	}
	t, e := p.tty(a.u32(0))
	if e != ok {
		return e
	}
	t.setMode(m)
	return ok
}

func ttyGetMode(p *Process, a args) errno {
	t, e := p.tty(a.u32(0))
	if e != ok {
		return e
	}
	t.mu.Lock()
	m := t.line.mode
	t.mu.Unlock()
	return p.mem.putU32(a.u32(1), uint32(m))
}

func ttySetMode(p *Process, a args) errno {
	t, e := p.tty(a.u32(0))
	if e != ok {
		return e
	}
	m := ttyMode(a.u32(1))
	if m&^modeCooked != 0 {
		return eINVAL
	}
	t.setMode(m)
	return ok
}

func ttyResize(p *Process, a args) errno {
	t, e := p.tty(a.u32(0))
	if e != ok {
		return e
	}
	cols, rows := a.u32(1), a.u32(2)
	if cols > maxSide || rows > maxSide {
		return eINVAL
	}
	t.Resize(uint16(cols), uint16(rows))
	return ok
}

// maxSide is the most columns or rows of a terminal.
const maxSide = 1<<16 - 1

func (t *TTY) size() (rows, cols int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return int(t.rows), int(t.cols)
}

// setMode sets the mode and returns which it was.
func (t *TTY) setMode(m ttyMode) (was ttyMode) {
	t.mu.Lock()
	was = t.line.mode
	t.line.setMode(m)
	t.mu.Unlock()
	t.holders.wake()
	return was
}
