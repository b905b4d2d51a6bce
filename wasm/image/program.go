package image

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"

	"kubergarten/wasm/fuel"
)

// A Program is a module that is ready to be instantiated on the store's runtime.
type Program struct {
	Name   string
	Module wazero.CompiledModule

	initial *initial
	ready   chan struct{} // closed when the rest is set
	err     error
}

func (p *Program) close() {
	select {
	case <-p.ready:
		if p.initial != nil {
			p.initial.close()
		}
	default:
	}
}

// Program returns a program, compiled. Who asks while it is being made waits.
// What failed is tried anew when asked for again.
func (s *Store) Program(ctx context.Context, name string) (*Program, error) {
	p, mine := s.program(name)
	if mine {
		s.prepare(ctx, p)
	}
	select {
	case <-p.ready:
		return p, p.err
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for program %s: %w", name, ctx.Err())
	}
}

// program finds the program's entry, or makes one that the caller must fill.
func (s *Store) program(name string) (p *Program, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.programs[name]; ok {
		return p, false
	}
	p = &Program{Name: name, ready: make(chan struct{})}
	s.programs[name] = p
	return p, true
}

// prepare makes p ready. The compiler ends no sooner for ctx.
func (s *Store) prepare(ctx context.Context, p *Program) {
	defer close(p.ready)
	defer func() {
		if p.err != nil {
			p.err = fmt.Errorf("program %s: %w", p.Name, p.err)
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.programs, p.Name)
		}
	}()
	select {
	case s.workers <- struct{}{}:
		defer func() { <-s.workers }()
	case <-ctx.Done():
		p.err = ctx.Err()
		return
	}
	if p.err = s.compile(context.WithoutCancel(ctx), p); p.err == nil {
		s.slim(ctx, p.Name)
	}
}

// slim gives back to the system what a program was made ready with, and what it
// need not have in memory.
func (s *Store) slim(ctx context.Context, name string) {
	if !s.cfg.Lean || s.kept.dir == "" {
		return
	}
	s.coding.Lock()
	defer s.coding.Unlock()
	if err := codeToDisk(s.kept.dir, 1<<20); err != nil {
		s.cfg.Log.InfoContext(ctx, "machine code stays in memory", "program", name, "err", err)
	}
	debug.FreeOSMemory()
}

// Rest lets go of what guests ran until now: of a Lean store's machine code only
// what runs from here on comes back into memory.
func (s *Store) Rest() {
	if !s.cfg.Lean {
		return
	}
	s.coding.Lock()
	defer s.coding.Unlock()
	if err := restCode(); err != nil {
		s.cfg.Log.Info("machine code stays in memory", "err", err)
	}
}

func (s *Store) compile(ctx context.Context, p *Program) error {
	s.mu.Lock()
	wasm, err := s.module(p.Name)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	fueled, segments, err := s.kept.fueled(wasm, s.limits(p.Name))
	if err != nil {
		return err
	}
	if p.Module, err = s.machineCode(ctx, fueled); err != nil {
		return err
	}
	p.initial = newInitial(segments)
	return nil
}

// limits are what a program's module may be: our own may be larger.
func (s *Store) limits(name string) fuel.Limits {
	l := s.cfg.Limits
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.imported[name]; !ok {
		l.Module, l.AllLocals, l.Nesting = 16*l.Module, 16*l.AllLocals, 16*l.Nesting
	}
	return l
}

// machineCode compiles. What lies in the cache and is spoilt is thrown away.
func (s *Store) machineCode(ctx context.Context, wasm []byte) (_ wazero.CompiledModule, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("the compiler failed: %v\n%s", e, debug.Stack())
		}
	}()
	ctx = experimental.WithCompilationWorkers(ctx, cap(s.workers))
	m, err := s.runtime.CompileModule(ctx, wasm)
	if err != nil && s.kept.clean(err) {
		m, err = s.runtime.CompileModule(ctx, wasm)
	}
	if err != nil {
		return nil, errors.Join(fuel.ErrInvalid, err)
	}
	return m, nil
}
