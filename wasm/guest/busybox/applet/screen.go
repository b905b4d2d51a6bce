package applet

import (
	"fmt"
	"time"

	"kubergarten/wasm/guest/tty"
)

func ttyApplet(p *Proc) int {
	o, _, ok := p.getopt("s")
	if !ok {
		return 2
	}
	name, status := "/dev/pts/0", 0
	if !tty.IsTerminal(0) {
		name, status = "not a tty", 1
	}
	if !o.has('s') {
		p.println(name)
	}
	return status
}

func clearScreen(p *Proc) int {
	p.print("\x1b[H\x1b[J")
	return 0
}

// reset is for a terminal that a program has left in a mess.
func reset(p *Proc) int {
	if !tty.IsTerminal(1) {
		return 0
	}
	p.print("\x1bc\x1b(B\x1b[m\x1b[J\x1b[?25h")
	if err := tty.SetMode(1, tty.Cooked); err != nil {
		return p.failed(err, "standard input")
	}
	return 0
}

// resize asks the terminal how large it is: where the cursor stops on its way
// to the far corner. It speaks to standard error, as its output is for eval.
func resize(p *Proc) int {
	if !tty.IsTerminal(2) {
		return 1
	}
	restore, err := tty.Raw(2)
	if err != nil {
		return 1
	}
	defer restore()
	fmt.Fprint(p.Err, "\x1b7\x1b[r\x1b[999;999H\x1b[6n")
	rows, cols, ok := askedSize(p)
	fmt.Fprint(p.Err, "\x1b8")
	if !ok || tty.SetSize(2, cols, rows) != nil {
		return 1
	}
	p.printf("COLUMNS=%d;LINES=%d;export COLUMNS LINES;\n", cols, rows)
	return 0
}

// askedSize reads the terminal's answer, if one comes in time.
func askedSize(p *Proc) (rows, cols int, ok bool) {
	answer := make(chan [2]int, 1)
	go func() {
		var size [2]int
		_, _ = fmt.Fscanf(p.In, "\x1b[%d;%dR", &size[0], &size[1])
		answer <- size
	}()
	select {
	case size := <-answer:
		return size[0], size[1], size[0] > 0 && size[1] > 0
	case <-time.After(3 * time.Second):
		return 0, 0, false
	}
}
