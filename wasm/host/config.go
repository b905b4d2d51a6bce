package host

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/tetratelabs/wazero"

	"kubergarten/engine/clock"
	"kubergarten/engine/network"
	"kubergarten/wasm/host/vfs"
)

// A Config is all that a process gets from its container. Child processes
// inherit it, but for what a spawn says.
type Config struct {
	Path string   // the executable in FS, absolute
	Args []string // with the program's name
	Env  []string // "KEY=value"
	Dir  string   // the working directory, absolute

	FS     *vfs.FS
	Cred   vfs.Cred
	Loader Loader

	Stdin, Stdout, Stderr Stream // nil: Null
	TTY                   *TTY   // the controlling terminal, if any

	Net      *network.Namespace // nil: none
	Hostname string
	Clock    clock.Clock
	PIDs     *PIDs // the PID namespace
	Machine  Machine
	Limits   Limits
	Log      *slog.Logger // faults of the host itself

	background bool // the terminal's ^C is not for it
}

// A Machine is the node as /proc shows it, unless /proc is mounted already when
// a process starts. Zero values mean the defaults.
type Machine struct {
	Boot    time.Time            // default: when the first process is started
	CPUs    int                  // default: those of this computer
	Memory  int64                // bytes; default 4 GiB
	UsedMem func() int64         // by all guests; default: those of the PID namespace
	UsedCPU func() time.Duration // the same
}

// Limits bound what one process, or one PID namespace, may hold. Zero values
// mean the defaults.
type Limits struct {
	FDs       int // descriptors of a process; default 256
	Processes int // processes of the namespace; default 256
}

// A Loader finds the program in the executable file at path. An error that is
// fs.ErrNotExist, fs.ErrPermission or ErrNoExec is the guest's ENOENT, EACCES or
// ENOEXEC.
type Loader func(ctx context.Context, path string, files vfs.View) (*Program, error)

// ErrNoExec reports a file that is no program.
var ErrNoExec = errors.New("exec format error")

// ErrOOM is what a memory allocator panics with when a guest goes beyond its
// memory limit: the process ends with code 137, reason OOMKilled. Any error
// with the method OOMKilled() bool is taken the same way.
var ErrOOM = errors.New("OOMKilled")

// A Program is a compiled module, ready to be run, or native.
type Program struct {
	Runtime wazero.Runtime // on which Instantiate was called
	Module  wazero.CompiledModule

	// Prepare makes the context of one instance: its memory allocator, its fuel
	// account. The account calls yield, in the guest's goroutine, whenever the
	// guest can be interrupted; yield panics when the process must end. May be
	// nil.
	Prepare func(ctx context.Context, yield func()) (context.Context, CPU)

	// Native, if set, is what runs in place of a module: a program of the host's
	// own. It returns its exit code, soon after ctx has ended: then the process
	// must end.
	Native func(ctx context.Context, c Command) int
	// Reads tells by a native program's arguments whether it reads its standard
	// input; it does if this is nil. One that does not is kept away from it:
	// what is typed or piped is for who comes next.
	Reads func(args []string) bool
}

// A CPU is a process's account of processor time.
type CPU interface {
	Stop()  // the guest waits from now on
	Start() // it runs again
	Used() time.Duration
}

// An Exit is how a process ended.
type Exit struct {
	Code   int    // the exit code, 128+N for death by signal N
	Signal int    // the signal it died from, or 0
	Reason string // Completed, Error, or OOMKilled
	Err    error  // the trap, if there was one
}
