package host

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/tetratelabs/wazero/sys"
)

// A Command is what a native program is given of the process that runs it. Its
// streams may be used by several goroutines, and fail once the program has
// returned; the input, and what must wait, also when it was killed.
type Command struct {
	Args []string // with the program's name
	Env  []string // "KEY=value"
	Dir  string   // the working directory, as guests name it

	Stdin          io.Reader // nil if the program does not read, see Program.Reads
	Stdout, Stderr io.Writer // they wait until there is room

	// TTY tells that the standard input and output are the process's
	// controlling terminal and that the program reads from it. It is raw as long
	// as the program runs: ^C is a byte, and a line's end is "\r\n".
	TTY        bool
	Rows, Cols int           // of the terminal; 0 without one
	Resize     <-chan [2]int // rows and columns as they change, the newest only
}

// native is a run of a native program: it lets the program's goroutines wait
// for the process's descriptors, which never block.
type native struct {
	p     *Process
	over  chan struct{} // closed when the program has returned
	sizes chan [2]int

	reading sync.Mutex   // held while input is taken, so that none is after the end
	writing sync.RWMutex // held by writers, for the same with output
	failed  atomic.Uint32

	mu      sync.Mutex    // below all others but TTY.mu
	changed chan struct{} // closed at the next change; nil if nobody waits
}

// runNative runs a program of the host's own.
func (p *Process) runNative() error {
	n := &native{p: p, over: make(chan struct{}), sizes: make(chan [2]int, 1)}
	p.mu.Lock()
	p.cpu = nil
	p.mu.Unlock()
	p.ran = true
	p.parked.Store(true) // it mostly waits, which ps shows
	p.native.Store(n)
	defer p.parked.Store(false)
	defer p.native.Store(nil)
	p.tell(nil)
	return sys.NewExitError(uint32(n.run()))
}

func (n *native) run() int {
	c, restore := n.command()
	defer restore()
	defer n.end()
	return n.verdict(n.p.prog.Native(n.p.dying, c))
}

// end lets nobody wait, take input or write any more.
func (n *native) end() {
	close(n.over)
	n.reading.Lock() // whoever takes input now has got it
	defer n.reading.Unlock()
	n.writing.Lock()
	defer n.writing.Unlock()
}

// verdict is the exit code: output that got lost is a failure, and said to be.
func (n *native) verdict(code int) int {
	e := syscall.Errno(n.failed.Load())
	if e == 0 {
		return code
	}
	words := e.Error()
	fmt.Fprintf(n.writer(2), "%s: write error: %s%s\n", n.p.cfg.Args[0], strings.ToUpper(words[:1]), words[1:])
	return 1
}

// command is what the program gets; restore undoes what was done for it.
func (n *native) command() (c Command, restore func()) {
	p := n.p
	_, dir, args, env := p.image()
	c = Command{Args: args, Env: env, Dir: dir, Stdout: n.writer(1), Stderr: n.writer(2), Resize: n.sizes}
	in, out := n.terminal(0), n.terminal(1)
	if d, found := p.descriptor(0); found && n.reads(args) && (in == nil || !p.cfg.background) {
		c.Stdin = &nativeReader{n, d.open.obj}
	}
	if out != nil {
		c.Rows, c.Cols = out.size()
	}
	if c.Stdin == nil || out == nil || in != out {
		return c, func() {}
	}
	c.TTY = true
	was := out.setMode(modeRaw)
	return c, func() { out.setMode(was) }
}

func (n *native) reads(args []string) bool {
	return n.p.prog.Reads == nil || n.p.prog.Reads(args)
}

// terminal is the controlling terminal, if the descriptor is that.
func (n *native) terminal(fd uint32) *TTY {
	if t, e := n.p.tty(fd); e == ok && t == n.p.cfg.TTY {
		return t
	}
	return nil
}

// resized passes on the terminal's size; one that nobody has taken is old now.
func (n *native) resized() {
	t := n.terminal(1)
	if t == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	select {
	case <-n.sizes:
	default:
	}
	rows, cols := t.size()
	n.sizes <- [2]int{rows, cols}
}

// finished reports whether the program has returned or must end.
func (n *native) finished() bool { return n.returned() || n.p.dying.Err() != nil }

func (n *native) returned() bool {
	select {
	case <-n.over:
		return true
	default:
		return false
	}
}

// next is a channel that is closed when something has changed from now on.
func (n *native) next() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.changed == nil {
		n.changed = make(chan struct{})
	}
	return n.changed
}

// wake lets all who wait look again. Locks may be held.
func (n *native) wake() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.changed != nil {
		close(n.changed)
		n.changed = nil
	}
}
