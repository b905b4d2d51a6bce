package host

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// The modules that guests import from.
const (
	wasiModule = "wasi_snapshot_preview1"
	ownModule  = "kubergarten"
)

// function is one function of a host module. params has a letter for each
// parameter, i for i32 and I for i64. The result is one i32: an errno, or, of a
// function that cannot fail, what value returns.
type function struct {
	name   string
	params string
	call   func(p *Process, a args) errno
}

// value is a function that cannot fail and returns a number.
func value(f func(p *Process, a args) uint32) func(*Process, args) errno {
	return func(p *Process, a args) errno {
		p.result = f(p, a)
		return hasResult
	}
}

// hasResult is no error: the call's result is in Process.result.
const hasResult errno = 0xffff

// args are the parameters of a call.
type args []uint64

// u32 returns an i32 parameter. The upper half of its slot is not to be
// trusted.
func (a args) u32(i int) uint32 { return uint32(a[i]) }
func (a args) i32(i int) int32  { return int32(uint32(a[i])) }
func (a args) i64(i int) int64  { return int64(a[i]) }

// Instantiate makes the host modules (wasi_snapshot_preview1, kubergarten) in
// a runtime. It is called once per runtime, before programs are started on it.
func Instantiate(ctx context.Context, r wazero.Runtime) error {
	for _, m := range []struct {
		name  string
		table []function
	}{{wasiModule, wasiFunctions()}, {ownModule, ownFunctions()}} {
		b := r.NewHostModuleBuilder(m.name)
		for _, f := range m.table {
			b = b.NewFunctionBuilder().WithGoModuleFunction(f.bind(), f.types(), f.results()).Export(f.name)
		}
		if _, err := b.Instantiate(ctx); err != nil {
			return fmt.Errorf("offer module %s: %w", m.name, err)
		}
	}
	return nil
}

// wasiFunctions is preview 1 and WasmEdge's sockets.
func wasiFunctions() []function {
	var all []function
	for _, t := range [][]function{argFunctions(), clockFunctions(), fdFunctions(), pathFunctions(), pollFunctions(), procFunctions(), sockFunctions()} {
		all = append(all, t...)
	}
	return all
}

func (f function) types() []api.ValueType {
	out := make([]api.ValueType, len(f.params))
	for i, c := range f.params {
		out[i] = api.ValueTypeI32
		if c == 'I' {
			out[i] = api.ValueTypeI64
		}
	}
	return out
}

func (f function) results() []api.ValueType {
	if f.name == "proc_exit" {
		return nil
	}
	return []api.ValueType{api.ValueTypeI32}
}

// bind makes the function that wazero calls.
func (f function) bind() api.GoModuleFunc {
	call := f.call
	return func(ctx context.Context, mod api.Module, stack []uint64) {
		p := current(ctx)
		p.enter(mod)
		e := call(p, stack)
		if len(stack) == 0 {
			return
		}
		if stack[0] = uint64(e); e == hasResult {
			stack[0] = uint64(p.result)
		}
	}
}

// procContext is the context of a guest's calls. It is the outermost one, so
// that finding the process is one type assertion.
type procContext struct {
	context.Context
	p *Process
}

type processKey struct{}

// Value finds the process, should wazero have put a context of its own around.
func (c *procContext) Value(key any) any {
	if key == (processKey{}) {
		return c.p
	}
	return c.Context.Value(key)
}

func current(ctx context.Context) *Process {
	if c, fine := ctx.(*procContext); fine {
		return c.p
	}
	return ctx.Value(processKey{}).(*Process)
}
