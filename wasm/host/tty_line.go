package host

import (
	"bytes"
	"unicode/utf8"
)

// discipline is what a terminal makes of what is typed: in cooked mode lines
// that can be edited, in raw mode the bytes as they come.
type discipline struct {
	raw   bool
	edit  []byte   // the line that is being typed
	lines [][]byte // what can be read; an empty one is ^D's end of file
	n     int      // bytes in lines
}

// The control characters of cooked mode.
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
	if d.raw {
		if d.n < typedMax {
			d.lines = append(d.lines, []byte{c})
			d.n++
		}
		return nil, 0
	}
	switch c {
	case ctrlC:
		d.edit = nil
		return []byte("^C"), sigINT
	case ctrlQ:
		d.edit = nil
		return []byte("^\\"), sigQUIT
	case ctrlD:
		d.push()
		return nil, 0
	case '\r', '\n':
		d.edit = append(d.edit, '\n')
		d.push()
		return []byte("\r\n"), 0
	case ctrlH, del:
		return d.erase(d.lastRune()), 0
	case ctrlU:
		return d.erase(0), 0
	case ctrlW:
		return d.erase(d.lastWord()), 0
	}
	return d.insert(c), 0
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
	if c < ' ' && c != '\t' {
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

// read reads from the first line; in raw mode from all.
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
		if !d.raw {
			break
		}
	}
	d.n -= n
	return n, ok
}

// setRaw changes the mode; a line that was begun can be read at once then.
func (d *discipline) setRaw(on bool) {
	d.raw = on
	if on && len(d.edit) > 0 {
		d.push()
	}
}
