package host

import (
	"bytes"
	"unicode/utf8"
)

// discipline is what a terminal makes of what is typed: lines that can be
// edited, or the bytes as they come.
type discipline struct {
	mode  ttyMode
	edit  []byte   // the line that is being typed
	lines [][]byte // what can be read; an empty one is ^D's end of file
	n     int      // bytes in lines
}

// The control characters of lines and signals.
const (
	ctrlC = 'C' - '@'
	ctrlD = 'D' - '@'
	ctrlH = 'H' - '@'
	ctrlU = 'U' - '@'
	ctrlW = 'W' - '@'
	ctrlQ = '\\' - '@' // quit
	del   = 0x7f

	lineMax  = 4095     // bytes of a line, as Linux
	typedMax = 64 << 10 // bytes that wait to be read
)

// typed takes one byte; it returns what the terminal shows for it, and a signal
// for the foreground, or 0.
func (d *discipline) typed(c byte) (echo []byte, sig int) {
	if c == '\r' && d.mode&modeReturn != 0 {
		c = '\n'
	}
	if sig = d.signal(c); sig != 0 {
		d.edit = nil
		echo = visible(c)
	} else if d.mode&modeCanon != 0 {
		echo = d.line(c)
	} else {
		echo = d.byte(c)
	}
	if d.mode&modeEcho == 0 {
		echo = nil
	}
	return echo, sig
}

func (d *discipline) signal(c byte) int {
	switch {
	case d.mode&modeSignals == 0:
		return 0
	case c == ctrlC:
		return sigINT
	case c == ctrlQ:
		return sigQUIT
	}
	return 0
}

// byte takes a byte that can be read at once.
func (d *discipline) byte(c byte) (echo []byte) {
	if d.n < typedMax {
		d.lines = append(d.lines, []byte{c})
		d.n++
	}
	return d.visible(c)
}

// line takes a byte of a line that is being typed.
func (d *discipline) line(c byte) (echo []byte) {
	switch c {
	case ctrlD:
		d.push()
		return nil
	case '\n':
		d.edit = append(d.edit, '\n')
		d.push()
		return d.visible(c)
	case ctrlH, del:
		return d.erase(d.lastRune())
	case ctrlU:
		return d.erase(0)
	case ctrlW:
		return d.erase(d.lastWord())
	}
	return d.insert(c)
}

// push gives the line to who reads.
func (d *discipline) push() {
	if d.n+len(d.edit) <= typedMax && len(d.lines) < typedMax {
		d.lines = append(d.lines, d.edit)
		d.n += len(d.edit)
	}
	d.edit = nil
}

func (d *discipline) insert(c byte) []byte {
	if len(d.edit) >= lineMax {
		return []byte{'\a'}
	}
	d.edit = append(d.edit, c)
	return d.visible(c)
}

// visible is how the terminal shows a byte that was typed.
func (d *discipline) visible(c byte) []byte {
	if c == '\n' && d.mode&modeOutput != 0 {
		return []byte("\r\n")
	}
	return visible(c)
}

func visible(c byte) []byte {
	if c < ' ' && c != '\t' && c != '\n' {
		return []byte{'^', c + '@'}
	}
	return []byte{c}
}

func (d *discipline) lastRune() int {
	_, n := utf8.DecodeLastRune(d.edit)
	return len(d.edit) - n
}

func (d *discipline) lastWord() int {
	return bytes.LastIndexByte(bytes.TrimRight(d.edit, " "), ' ') + 1
}

// erase cuts the line and wipes the rest off the screen.
func (d *discipline) erase(to int) (echo []byte) {
	for _, r := range string(d.edit[to:]) {
		echo = append(echo, "\b \b"...)
		if r < ' ' && r != '\t' {
			echo = append(echo, "\b \b"...) // it was shown as ^X
		}
	}
	d.edit = d.edit[:to]
	return echo
}

// read reads from the first line; from all where there are no lines to edit.
func (d *discipline) read(b []byte) (n int, e errno) {
	if len(d.lines) == 0 {
		return 0, eAGAIN
	}
	for len(d.lines) > 0 && n < len(b) {
		m := copy(b[n:], d.lines[0])
		n += m
		if d.lines[0] = d.lines[0][m:]; len(d.lines[0]) == 0 {
			d.lines = d.lines[1:]
		}
		if d.mode&modeCanon != 0 {
			break
		}
	}
	d.n -= n
	return n, ok
}

// setMode changes the mode; a line that was begun can be read at once if there
// are none to edit any more.
func (d *discipline) setMode(m ttyMode) {
	d.mode = m
	if m&modeCanon == 0 && len(d.edit) > 0 {
		d.push()
	}
}
