package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/tetratelabs/wazero"
	"k8s.io/utils/clock"
)

// Start starts a process as cfg says and returns when it runs. It ends with
// ctx, as if killed. The process owns cfg's streams, also if Start fails.
func Start(ctx context.Context, cfg Config) (*Process, error) {
	cfg = cfg.withDefaults()
	fds := cfg.streams()
	p, err := start(ctx, cfg, fds, nil)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", cfg.Path, err)
	}
	if err := <-p.started; err != nil {
		<-p.done
		return nil, fmt.Errorf("start %s: %w", cfg.Path, err)
	}
	return p, nil
}

func (c Config) withDefaults() Config {
	if c.Limits.FDs <= 0 {
		c.Limits.FDs = 256
	}
	if c.Limits.Processes <= 0 {
		c.Limits.Processes = 256
	}
	if c.Clock == nil {
		c.Clock = clock.RealClock{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.PIDs == nil {
		c.PIDs = NewPIDs()
	}
	if c.Dir == "" {
		c.Dir = "/"
	}
	if len(c.Args) == 0 {
		c.Args = []string{c.Path}
	}
	return c
}

// start makes a process with the given standard descriptors, which it owns, and
// sets it running.
func start(ctx context.Context, cfg Config, fds []descriptor, parent *Process) (_ *Process, err error) {
	p := &Process{
		cfg: cfg, base: ctx, parent: parent, begun: cfg.Clock.Now(),
		wakeup: make(chan struct{}, 1), started: make(chan error, 1), done: make(chan struct{}),
	}
	p.dying, p.killed = context.WithCancel(context.WithoutCancel(ctx))
	p.umask.Store(0o022)
	if parent != nil {
		p.umask.Store(parent.umask.Load())
	}
	defer func() {
		if err != nil {
			p.killed()
			closeAll(fds)
		}
	}()
	if p.prog, err = p.load(ctx); err != nil {
		return nil, err
	}
	if err := cfg.mountProc(); err != nil {
		return nil, err
	}
	if err := cfg.PIDs.add(p); err != nil {
		return nil, err
	}
	p.view = cfg.FS.View(p.pid, cfg.Cred)
	for i, d := range fds {
		p.install(i, d)
	}
	fds = nil // they are the process's now
	if err := p.openRoot(); err != nil {
		p.closeFDs()
		cfg.PIDs.drop(p)
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { p.die(bySignal(sigKILL)) })
	go func() {
		defer stop()
		p.run()
	}()
	return p, nil
}

// run is the process's goroutine.
func (p *Process) run() {
	err := p.guest()
	for p.exec != nil && p.death.Load() == nil {
		if err = p.replace(); err == nil {
			err = p.guest()
		}
	}
	if p.exec != nil { // killed on the way
		for _, d := range p.exec.fds {
			if d.open != nil {
				d.open.release()
			}
		}
	}
	p.end(p.verdict(err))
}

// guest runs the guest and returns what ended it.
func (p *Process) guest() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = p.crashed(r)
		}
	}()
	if p.prog.Native != nil {
		return p.runNative()
	}
	ctx := p.prepare()
	mod, err := p.prog.Runtime.InstantiateModule(ctx, p.prog.Module, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		p.tell(notOOM(err))
		return err
	}
	defer mod.Close(context.WithoutCancel(ctx))
	main := mod.ExportedFunction("_start")
	if main == nil || len(p.prog.Module.ExportedMemories()) == 0 {
		p.tell(ErrNoExec)
		return ErrNoExec
	}
	p.mem.Memory = mod.Memory()
	p.note()
	p.ran = true
	p.tell(nil)
	p.resume()
	defer p.pause()
	_, err = main.Call(ctx)
	return err
}

// prepare makes the context of an instance.
func (p *Process) prepare() context.Context {
	ctx := p.dying
	var cpu CPU
	if p.prog.Prepare != nil {
		ctx, cpu = p.prog.Prepare(ctx, p.yield)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cpu = cpu
	return &procContext{Context: ctx, p: p}
}

// notOOM is nil for a process that had too little memory to begin with: it has
// started, and was killed for it.
func notOOM(err error) error {
	if outOfMemory(err) {
		return nil
	}
	return err
}

// tell lets Start return, the first time.
func (p *Process) tell(err error) {
	select {
	case p.started <- err:
	default:
	}
}

// crashed turns a panic outside of the guest into its death: one process must
// not take the server with it.
func (p *Process) crashed(r any) error {
	err, isErr := r.(error)
	var d *dying
	if isErr && (errors.As(err, &d) || outOfMemory(err)) {
		p.tell(nil)
		return err
	}
	p.cfg.Log.Error("panic in a process", "pid", p.pid, "path", p.cfg.Path, "panic", r, "stack", string(debug.Stack()))
	p.tell(fmt.Errorf("panic: %v", r))
	return fmt.Errorf("panic: %v", r)
}

// end is the last that the process's goroutine does.
func (p *Process) end(x Exit) {
	p.lastWords(x)
	p.die(x) // from now on signals come too late
	p.closeFDs()
	p.exit, p.exitTime = x, p.cfg.Clock.Now()
	if p.timer != nil {
		p.timer.Stop()
	}
	p.mem, p.iovs, p.prog = memory{}, nil, nil
	p.memory.Store(0)
	p.cfg.PIDs.ended(p)
	close(p.done)
}
