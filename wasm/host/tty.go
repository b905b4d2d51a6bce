package host

import (
	"io"
	"sync"
)

// A TTY is a pseudo terminal. The process's side is a Stream; the host's side
// is Read (what the terminal shows), Write (what is typed), Resize and Close
// (hang up).
type TTY struct {
	holders waiters

	mu         sync.Mutex
	changed    sync.Cond // for the host's side
	line       discipline
	out        ring
	cols, rows uint16
	opens      int
	hungup     bool
}

// ttyMax is how much output waits for the host to read it.
const ttyMax = 64 << 10

// NewTTY returns a terminal of the given size, in cooked mode.
func NewTTY(cols, rows uint16) *TTY {
	t := &TTY{cols: cols, rows: rows, line: discipline{mode: modeCooked}}
	t.changed.L = &t.mu
	return t
}

// object opens the process's side once more.
func (t *TTY) object() object {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.opens++
	return &ttyEnd{t}
}

// Read waits for output; io.EOF comes when it is hung up, or when all processes
// have closed it.
func (t *TTY) Read(b []byte) (int, error) {
	t.mu.Lock()
	for t.out.n == 0 && t.opens > 0 && !t.hungup {
		t.changed.Wait()
	}
	n := t.out.read(b)
	t.mu.Unlock()
	if n == 0 && len(b) > 0 {
		return 0, io.EOF
	}
	t.holders.wake()
	return n, nil
}

// Write types b. What nobody reads is lost in the end.
func (t *TTY) Write(b []byte) (int, error) {
	t.mu.Lock()
	if t.hungup {
		t.mu.Unlock()
		return 0, io.ErrClosedPipe
	}
	var signals []int
	for _, c := range b {
		echo, sig := t.line.typed(c)
		if t.out.n+len(echo) <= ttyMax && len(echo) > 0 {
			t.out.write(echo)
		}
		if sig != 0 {
			signals = append(signals, sig)
		}
	}
	t.changed.Broadcast()
	t.mu.Unlock()
	t.holders.wake()
	for _, sig := range signals {
		for _, p := range foreground(t.holders.all()) {
			p.signal(sig, true)
		}
	}
	return len(b), nil
}

// Resize changes the size and sends SIGWINCH.
func (t *TTY) Resize(cols, rows uint16) {
	t.mu.Lock()
	same := t.cols == cols && t.rows == rows
	t.cols, t.rows = cols, rows
	t.mu.Unlock()
	if !same {
		t.signalAll(sigWINCH)
	}
}

// Close hangs up: readers see the end, and processes get SIGHUP.
func (t *TTY) Close() error {
	t.mu.Lock()
	was := t.hungup
	t.hungup = true
	t.changed.Broadcast()
	t.mu.Unlock()
	if was {
		return nil
	}
	t.holders.wake()
	t.signalAll(sigHUP)
	return nil
}

func (t *TTY) signalAll(sig int) {
	for _, p := range t.holders.all() {
		p.signal(sig, true)
	}
}

// foreground are the processes that a typed signal is for: those that hold the
// terminal and have no child that does, without what runs in the background.
func foreground(holders []*Process) []*Process {
	holds := map[*Process]bool{}
	for _, p := range holders {
		holds[p] = !p.cfg.background
	}
	busy := map[*Process]bool{}
	for p, fore := range holds {
		if parent := p.cfg.PIDs.parentProcess(p); fore && parent != nil && holds[parent] {
			busy[parent] = true
		}
	}
	var out []*Process
	for p, fore := range holds {
		if fore && !busy[p] {
			out = append(out, p)
		}
	}
	return out
}

// ttyEnd is the process's side of a terminal.
type ttyEnd struct{ t *TTY }

func (e *ttyEnd) read(_ *Process, b []byte) (int, errno) {
	e.t.mu.Lock()
	defer e.t.mu.Unlock()
	if e.t.hungup || len(b) == 0 {
		return 0, ok
	}
	return e.t.line.read(b)
}

func (e *ttyEnd) write(_ *Process, b []byte) (int, errno) {
	t := e.t
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hungup {
		return 0, eIO
	}
	n := 0
	for n < len(b) && t.out.n+2 <= ttyMax {
		if b[n] == '\n' && t.line.mode&modeOutput != 0 {
			t.out.write([]byte("\r\n"))
		} else {
			t.out.write(b[n : n+1])
		}
		n++
	}
	if n == 0 && len(b) > 0 {
		return 0, eAGAIN
	}
	t.changed.Broadcast()
	return n, ok
}

func (e *ttyEnd) poll(*Process) readiness {
	t := e.t
	t.mu.Lock()
	defer t.mu.Unlock()
	return readiness{
		read: t.hungup || len(t.line.lines) > 0, write: t.hungup || t.out.n < ttyMax/2,
		hangup: t.hungup, n: uint64(t.line.n),
	}
}

func (e *ttyEnd) filetype() uint8    { return typeChar }
func (e *ttyEnd) label() string      { return "/dev/pts/0" }
func (e *ttyEnd) watch(p *Process)   { e.t.holders.watch(p) }
func (e *ttyEnd) unwatch(p *Process) { e.t.holders.unwatch(p) }

func (e *ttyEnd) close() {
	e.t.mu.Lock()
	defer e.t.mu.Unlock()
	e.t.opens--
	e.t.changed.Broadcast()
}
