package applet

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"kubergarten/wasm/guest/busybox/ash"
	"kubergarten/wasm/guest/busybox/vi"
	"kubergarten/wasm/guest/tty"
)

func viApplet(p *Proc) int {
	o, names, ok := p.getopt("c:R")
	if !ok {
		return 1
	}
	commands := o.values['c']
	if init := os.Getenv("EXINIT"); init != "" {
		commands = append([]string{init}, commands...)
	}
	restore, _ := tty.Raw(0)
	defer restore()
	cols, rows := screenSize()
	e := vi.New(vi.Config{Files: diskFiles{}, Names: names, Cols: cols, Rows: rows, ReadOnly: o.has('R'), Commands: commands})
	p.print("\x1b[?1049h") // the alternate screen
	ok = p.edit(e)
	_, rows = screenSize()
	p.print(fmt.Sprintf("\x1b[%d;1H\x1b[K\x1b[?1049l", rows))
	if !ok {
		restore()
		return p.fail("can't read user input")
	}
	return 0
}

func screenSize() (cols, rows int) {
	cols, rows, err := tty.Size(0)
	if err != nil || cols == 0 || rows == 0 {
		return 80, 24
	}
	return cols, rows
}

// escapeTime is how long an Escape waits for the rest of a key's sequence.
const escapeTime = 50 * time.Millisecond

// edit is the editor's life; not ok if the terminal has gone.
func (p *Proc) edit(e *vi.Editor) (ok bool) {
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.Signal(ash.SignalNumber("WINCH")))
	defer signal.Stop(resized)
	asked, typed := make(chan bool, 1), make(chan []byte)
	defer close(asked)
	go p.readKeys(asked, typed)
	asked <- true
	for !e.Over() {
		p.Out.Write(e.Draw())
		if p.Out.Flush() != nil {
			return false
		}
		var settled <-chan time.Time
		if e.Waiting() {
			settled = time.After(escapeTime)
		}
		select {
		case b, ok := <-typed:
			if !ok {
				return false
			}
			if e.Type(b); !e.Over() {
				asked <- true
			}
		case <-resized:
			e.Resize(screenSize())
		case <-settled:
			e.Settle()
		}
	}
	return true
}

// readKeys reads when it is asked to: what is typed after the end is for others.
func (p *Proc) readKeys(asked <-chan bool, typed chan<- []byte) {
	defer close(typed)
	for range asked {
		b := make([]byte, 1024)
		n, err := p.In.Read(b)
		if n > 0 {
			typed <- b[:n]
		}
		if err != nil || n == 0 {
			return
		}
	}
}
