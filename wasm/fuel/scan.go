package fuel

import (
	"errors"
	"fmt"
)

var (
	// ErrRefused reports a module that is, or could be, a bomb.
	ErrRefused = errors.New("module refused")
	// ErrUnsupported reports a module that uses what we do not have.
	ErrUnsupported = errors.New("module not supported")
	// ErrInvalid reports bytes that are no module.
	ErrInvalid = errors.New("not a valid module")

	errTrailing = errors.New("bytes left over")
)

// Limits is what a module may be before it is worth compiling.
type Limits struct {
	Module    int // bytes
	Types     int
	Params    int // of a type; so are its results
	Imports   int
	Functions int
	Tables    int
	Table     int // elements of a table
	Globals   int
	Exports   int
	Elements  int  // segments
	Body      int  // bytes of a function's code
	Locals    int  // of a function
	AllLocals int  // of all functions
	Nesting   int  // blocks within blocks
	Targets   int  // of a br_table
	Start     bool // it may have a start function, which runs before the instance is ready
}

// DefaultLimits are the limits for images that anybody may bring.
func DefaultLimits() Limits {
	return Limits{
		Module: 16 << 20, Types: 20_000, Params: 1_000, Imports: 1_000, Functions: 200_000, Tables: 16, Table: 1 << 20,
		Globals: 20_000, Exports: 20_000, Elements: 20_000,
		Body: 7_600_000, Locals: 50_000, AllLocals: 4_000_000, Nesting: 1_000, Targets: 65_520,
	}
}

// Scan refuses, with one sentence, a module that would bomb the compiler.
func Scan(wasm []byte, l Limits) error {
	m, err := parse(wasm, l)
	if err != nil {
		return err
	}
	_, err = m.measure(l)
	return err
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
}

// invalid makes an ErrInvalid of an error of the reader, unless it says more.
func invalid(err error) error {
	if err == nil || errors.Is(err, ErrRefused) || errors.Is(err, ErrUnsupported) || errors.Is(err, ErrInvalid) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrInvalid, err)
}

// limit refuses more than most things.
func (r *reader) limit(things string, n uint32, most int) {
	if uint64(n) > uint64(most) {
		r.fail(refuse("%d %s, more than %d", n, things, most))
	}
}

// index reads an index and checks that there is such a thing. Without the check
// a guest could name what the rewriter adds.
func (r *reader) index(thing string, n uint32) uint32 {
	i := r.u32()
	r.below(thing, i, n)
	return i
}

func (r *reader) below(thing string, i, n uint32) {
	if i >= n && r.err == nil {
		r.fail(fmt.Errorf("%w: %s %d of %d", ErrInvalid, thing, i, n))
	}
}
