package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/tetratelabs/wazero/experimental"

	"kubergarten/wasm/fuel"
	"kubergarten/wasm/host"
	"kubergarten/wasm/host/vfs"
)

// start starts the container's first process. Errors are runc's.
func (r *Runtime) start(c *container) error {
	cfg, err := r.process(c, c.args, c.env)
	if err != nil {
		return fmt.Errorf("error during container init: %w", err)
	}
	r.streams(c, &cfg)
	p, err := host.Start(c.ctx, cfg)
	if err != nil {
		return fmt.Errorf("error during container init: exec %s: %w", cfg.Path, errors.Unwrap(err)) // without "start PATH:"
	}
	c.mu.Lock()
	c.process, c.started = p, true
	c.mu.Unlock()
	if c.tty != nil {
		r.wg.Go(func() { c.output.drain(c.tty) })
	}
	return nil
}

// process is the configuration of a process in the container, without streams.
func (r *Runtime) process(c *container, args, env []string) (host.Config, error) {
	view := c.fs.View(0, c.cred)
	exe, err := host.LookPath(view, args[0], c.dir, env)
	if err != nil {
		return host.Config{}, execError(args[0], err)
	}
	return host.Config{
		Path: exe, Args: args, Env: env, Dir: c.dir,
		FS: c.fs, Cred: c.cred, Loader: r.loader(c),
		Net: c.sandbox.net, Hostname: c.sandbox.hostname, Clock: r.cfg.Clock, PIDs: c.pids, Log: r.cfg.Log,
	}, nil
}

// execError words why a program cannot be run, as runc does.
func execError(name string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOENT) && !strings.Contains(name, "/"):
		return fmt.Errorf("exec: %q: executable file not found in $PATH", name)
	case errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("exec: %q: stat %s: %w", name, name, err)
	}
	return fmt.Errorf("exec: %q: %w", name, err)
}

// loader finds the programs of the container's image for its processes.
func (r *Runtime) loader(c *container) host.Loader {
	return func(ctx context.Context, path string, files vfs.View) (*host.Program, error) {
		st, err := files.Stat(path, true)
		if err != nil {
			return nil, err
		}
		if p, ok := st.Tag.(host.Program); ok {
			return c.native(p), nil
		}
		name, ok := st.Tag.(program)
		if !ok {
			return nil, host.ErrNoExec
		}
		p, err := r.cfg.Images.Program(ctx, string(name))
		if err != nil {
			return nil, err
		}
		prepare := func(ctx context.Context, yield func()) (context.Context, host.CPU) {
			m := c.cpu.NewMeter(ctx, yield)
			ctx = experimental.WithMemoryAllocator(ctx, p.Allocator(c.memory))
			return fuel.WithMeter(ctx, m), m
		}
		return &host.Program{Runtime: r.cfg.Images.Runtime(), Module: p.Module, Prepare: prepare}, nil
	}
}

// streams connects the first process.
func (r *Runtime) streams(c *container, cfg *host.Config) {
	if c.cfg.GetTty() {
		c.tty = host.NewTTY(80, 24)
		cfg.TTY, cfg.Stdin, cfg.Stdout, cfg.Stderr = c.tty, c.tty, c.tty, c.tty
		return
	}
	if c.cfg.GetStdin() {
		var in *host.PipeReader
		in, c.stdin = host.Pipe()
		cfg.Stdin = in
	}
	cfg.Stdout = host.Writer(c.output.stream("stdout"))
	cfg.Stderr = host.Writer(c.output.stream("stderr"))
}
