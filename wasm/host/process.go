package host

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero/api"
	"k8s.io/utils/clock"

	"kubergarten/wasm/host/vfs"
)

// A Process is one running instance of a program. Fields without a note belong
// to its goroutine.
type Process struct {
	cfg    Config // an exec changes Path, Args, Env and Dir, with mu held
	prog   *Program
	pid    int
	begun  time.Time
	base   context.Context // of the container: children live in it too
	view   vfs.View
	umask  atomic.Uint32
	cpu    CPU
	mem    memory // during a call
	iovs   [][]byte
	result uint32        // of a call that returns a number
	spent  time.Duration // by the programs before an exec
	small  []byte        // for gather, made when first needed
	timer  clock.Timer

	ran      bool   // the guest has begun
	exec     *spawn // the program to go on as
	parked   atomic.Bool
	stopped  atomic.Bool // by SIGSTOP
	wakeup   chan struct{}
	death    atomic.Pointer[Exit] // set once: the process must end so
	dying    context.Context      // ends when death is set
	killed   context.CancelFunc   // ends dying
	memory   atomic.Uint32        // bytes of linear memory
	started  chan error
	done     chan struct{}
	exit     Exit                   // before done is closed
	exitTime time.Time              // the same
	native   atomic.Pointer[native] // while it runs a native program

	mu       sync.Mutex // descriptors and signals
	fds      []descriptor
	pending  uint64 // signals that wait to be read, by number
	defaults uint64 // signals that are not caught although a signalfd is open
	catchers int    // open signalfds

	// The family, guarded by cfg.PIDs.mu.
	parent *Process
	kids   map[int]*Process
	zombie bool

	watchers waiters // who waits for its end with a proc_fd
}

// PID is the process's number in its PID namespace.
func (p *Process) PID() int { return p.pid }

// Done is closed when the process has ended and its descriptors are closed.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit tells how the process ended. It is valid once Done is closed.
func (p *Process) Exit() Exit {
	select {
	case <-p.done:
		return p.exit
	default:
		return Exit{}
	}
}

// Wait waits for the end of the process, or of ctx.
func (p *Process) Wait(ctx context.Context) (Exit, error) {
	select {
	case <-p.done:
		return p.exit, nil
	case <-ctx.Done():
		return Exit{}, ctx.Err()
	}
}

// Memory is how many bytes of linear memory it had when it last waited or
// yielded.
func (p *Process) Memory() int64 { return int64(p.memory.Load()) }

// CPU is the processor time it has used.
func (p *Process) CPU() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cpu == nil {
		return p.spent
	}
	return p.spent + p.cpu.Used()
}

// enter begins a call of the guest.
func (p *Process) enter(mod api.Module) {
	p.mem.Memory = mod.Memory()
	p.check()
}

// check panics if the process must end, and waits while it is stopped.
func (p *Process) check() {
	if x := p.death.Load(); x != nil {
		panic(&dying{x})
	}
	if p.stopped.Load() {
		p.waitForCont()
	}
}

// note records how much memory the guest has.
func (p *Process) note() {
	if p.mem.Memory != nil {
		p.memory.Store(p.mem.Size())
	}
}

// yield is what the fuel account calls when the guest can be interrupted.
func (p *Process) yield() {
	p.note()
	p.check()
}
