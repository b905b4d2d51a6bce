package fuel

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
)

// bombs are modules that freeze or kill a naive host while it loads them.
func bombs() map[string]struct {
	wasm []byte
	want string
} {
	grower := func(max int64) []byte {
		b := &builder{}
		b.table(1, max)
		b.fn(b.typ(0, 0), 0, cat(op(opRefNull, 0x70), i32(50_000_000), op(opMisc, miscTableGrow, 0, 0x1a))...)
		return b.bytes()
	}
	tables := func(min uint32, n int) []byte {
		b := &builder{}
		for range n {
			b.table(min, -1)
		}
		return b.bytes()
	}
	imports := func(mod string) []byte {
		b := &builder{}
		b.imp(mod, "f", b.typ(0, 0))
		return b.bytes()
	}
	locals := &builder{}
	locals.fn(locals.typ(0, 0), 4_000_000)
	manyLocals := &builder{}
	for range 100 {
		manyLocals.fn(0, 49_000)
	}
	manyLocals.typ(0, 0)
	types := &builder{}
	types.typ(5_000, 0)
	start := &builder{}
	start.start = []byte{byte(start.fn(start.typ(0, 0), 0))}
	exports := &builder{}
	exports.globals, exports.nGlobals = []byte{0x7e, 1, opI64Const, 0, opEnd}, 1
	exports.export(Global, 3, 0)
	nested := cat(bytes.Repeat(op(opBlock, blockEmpty), 100_000), bytes.Repeat(op(opEnd), 100_000))
	return map[string]struct {
		wasm []byte
		want string
	}{
		"nested blocks":     {command(0, nested...), "blocks nested deeper than 1000"},
		"br_table":          {command(0, cat(i32(0), op(opBrTable, 0xc0, 0x84, 0x3d), make([]byte, 1_000_001))...), "1000000 targets of a br_table, more than 65520"},
		"locals":            {locals.bytes(), "4000000 locals in a function, more than 50000"},
		"locals everywhere": {manyLocals.bytes(), "more than 4000000 locals in all functions"},
		"growing table":     {grower(-1), "it grows table 0, which has no maximum"},
		"growing far":       {grower(60_000_000), "it grows table 0, whose maximum of 60000000 elements is more than 1048576"},
		"large table":       {tables(50_000_000, 1), "50000000 elements of a table, more than 1048576"},
		"many tables":       {tables(1, 1000), "1000 tables, more than 16"},
		"large body":        {command(0, bytes.Repeat(op(1), 8_000_000)...), "8000002 bytes of code in a function, more than 7600000"},
		"large module":      {append(command(0), make([]byte, 17<<20)...), "more than 16777216"},
		"parameters":        {types.bytes(), "5000 parameters of a function type, more than 1000"},
		"fuel import":       {imports("fuel"), `it imports "fuel"."f", which is not offered to guests`},
		"fuel export":       {exports.bytes(), `it exports "__fuel", a name of the host's`},
		"start function":    {start.bytes(), "it has a start function, which would run before its process is ready"},
		"memories":          {[]byte(header + "\x05\x05\x02\x00\x01\x00\x01"), "it has 2 memories, more than 1"},
		"threads":           {[]byte(header + "\x05\x04\x01\x03\x01\x01"), "a shared or 64 bit memory"},
		"exceptions":        {[]byte(header + "\x0d\x01\x00"), "section 13"},
		"atomics":           {command(0, 0xfe, 0, 0, 0), "opcode 0xfe"},
		"no module":         {[]byte("MZ"), "no WebAssembly header"},
		"empty":             {nil, "no WebAssembly header"},
	}
}

func TestScanRefuses(t *testing.T) {
	for name, tc := range bombs() {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			err := Scan(tc.wasm, DefaultLimits())
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want %q", err, tc.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a sentence: %v", err)
			}
			if !errors.Is(err, ErrRefused) && !errors.Is(err, ErrUnsupported) && !errors.Is(err, ErrInvalid) {
				t.Errorf("%v is no sentinel", err)
			}
			if _, err2 := Rewrite(tc.wasm, DefaultLimits()); err2 == nil || err2.Error() != err.Error() {
				t.Errorf("Rewrite says %v, Scan %v", err2, err)
			}
			t.Log(time.Since(start), err)
		})
	}
}

// TestNothingAddedCanBeNamed gives modules that would be valid only because of
// what the rewriter adds to them.
func TestNothingAddedCanBeNamed(t *testing.T) {
	exported := func(kind byte, i uint32) []byte {
		b := &builder{}
		b.fn(b.typ(0, 0), 0)
		b.export("x", kind, i)
		return b.bytes()
	}
	element := &builder{}
	element.table(1, 1)
	element.fn(element.typ(0, 0), 0, op(opMisc, miscTableFill, 0)...)
	element.elements, element.nElements = []byte{0, opI32Const, 0, opEnd, 1, 1}, 1
	start := &builder{}
	start.fn(start.typ(0, 0), 0)
	start.start = []byte{1}
	funcType := &builder{}
	funcType.typ(1, 0)
	funcType.fn(1, 0)
	tests := map[string][]byte{
		"global.set of the counter": command(0, cat(op(opI64Const, 0), op(opGlobalSet, 0))...),
		"global.get of the counter": command(0, op(opGlobalGet, 0, 0x1a)...),
		"call of a helper":          command(0, cat(i32(0), i32(0), i32(0), op(opMisc, miscMemoryFill, 0), i32(1), op(opCall, 1, 0x1a))...),
		"ref.func of a helper":      command(0, op(opRefFunc, 1, 0x1a)...),
		"block of an added type":    command(0, op(opBlock, 1, opEnd)...),
		"indirect call":             command(0, cat(i32(0), op(opCallIndirect, 1, 0))...),
		"export of a helper":        exported(0, 1),
		"export of the counter":     exported(3, 0),
		"element":                   element.bytes(),
		"start":                     start.bytes(),
		"function of added type":    funcType.bytes(),
	}
	r := engine(t, wazero.NewRuntimeConfigInterpreter())
	limits := DefaultLimits()
	limits.Start = true
	for name, wasm := range tests {
		if _, err := r.CompileModule(t.Context(), wasm); err == nil {
			t.Errorf("%s: the test's module is valid", name)
		}
		if out, err := Rewrite(wasm, limits); err == nil {
			if _, err := r.CompileModule(t.Context(), out); err == nil {
				t.Errorf("%s: became valid", name)
			}
		} else if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
