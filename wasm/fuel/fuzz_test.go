package fuel

import (
	"errors"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// FuzzRewrite holds the rewriter to its promise: whatever it does not refuse
// compiles after the rewriting if, and only if, it compiled before.
func FuzzRewrite(f *testing.F) {
	for _, wasm := range corpus() {
		f.Add(wasm)
	}
	for _, b := range bombs() {
		if len(b.wasm) < 1000 {
			f.Add(b.wasm)
		}
	}
	features := api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall
	r := wazero.NewRuntimeWithConfig(f.Context(), wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(features))
	limits := DefaultLimits()
	limits.Table, limits.AllLocals, limits.Start = 1000, 1000, true
	f.Fuzz(func(t *testing.T, wasm []byte) {
		out, err := Rewrite(wasm, limits)
		if (err == nil) != (Scan(wasm, limits) == nil) && err == nil {
			t.Fatal("Rewrite accepts what Scan refuses")
		}
		if err != nil {
			return
		}
		m, _ := parse(wasm, limits)
		_, before := r.CompileModule(t.Context(), m.without(wasm, secCustom)) // wazero reads names, we drop them
		_, after := r.CompileModule(t.Context(), out)
		if (before == nil) != (after == nil) {
			t.Fatalf("compiled before: %v; after: %v", before, after)
		}
		lifted, _, err := Lift(m.without(wasm, secCustom), limits)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.CompileModule(t.Context(), lifted); (err == nil) != (before == nil) {
			t.Fatalf("compiled before: %v; lifted: %v", before, err)
		}
	})
}

// corpus is modules that use each thing the rewriter knows.
func corpus() [][]byte {
	all := &builder{}
	v, vv := all.typ(0, 0), all.typ(1, 1)
	all.imp("wasi_snapshot_preview1", "proc_exit", vv)
	all.mem(1)
	all.table(4, 10)
	all.globals, all.nGlobals = []byte{0x7f, 1, opI32Const, 5, opEnd, 0x70, 0, opRefFunc, 1, opEnd}, 2
	all.fn(vv, 1, cat(op(opLocalGet, 0, opLoop, 1, opCall, 0, opLocalTee, 1, opLocalGet, 1, opBrIf, 0, opEnd))...)
	all.fn(v, 0, cat(i32(0), i32(1), op(opCallIndirect, byte(vv), 0, 0x1a, opRefFunc, 1, 0x1a))...)
	all.fn(v, 0, cat(i32(0), i32(0), i32(9), op(opMisc, miscMemoryFill, 0), i32(0), i32(3), i32(9), op(opMisc, miscMemoryCopy, 0, 0))...)
	all.fn(v, 0, cat(i32(0), op(opIf, blockEmpty, opLoop, blockEmpty, opEnd, opElse, opTailCall, 2, opEnd))...)
	all.fn(vv, 0, cat(op(opLocalGet, 0), i32(0), op(opTailIndirect, byte(vv), 0))...)
	all.fn(v, 0, cat(op(opSIMD, 12), make([]byte, 16), op(opSIMD, 21, 3, 0x1a), i32(0), op(opSIMD, 0, 0, 0, 0x1a))...)
	all.fn(v, 0, cat(i32(2), op(opBrTable, 2, 0, 0, 0))...)
	all.fn(v, 0, cat(i32(0), i32(0), i32(0), op(opMisc, miscTableInit, 0, 0), op(opRefNull, 0x70), i32(1), op(opMisc, miscTableGrow, 0, 0x1a))...)
	all.fn(v, 0, cat(i32(0), op(0x2d, 0, 0), i32(4), op(0x6d, opMemoryGrow, 0, 0x1a, opMemorySize, 0, 0x1a))...)
	all.fn(v, 0, cat(i32(1), i32(2), i32(1), op(opSelectT, 1, 0x7f, 0x1a, opF32Const, 0, 0, 0, 0, 0x1a))...)
	all.export("f", 0, 1)
	all.export("memory", 2, 0)
	all.elements, all.nElements = []byte{0, opI32Const, 0, opEnd, 2, 1, 0, 1, 0, 1, 2, 5, 0x70, 1, opRefFunc, 1, opEnd}, 3
	all.datum(8, "hello")
	return [][]byte{
		all.bytes(),
		command(0),
		command(1, opLoop, blockEmpty, opBr, 0, opEnd),
		[]byte(header),
		[]byte(header + "\x00\x05\x04name"),
	}
}

func TestCorpusCompiles(t *testing.T) {
	features := api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall
	r := engine(t, wazero.NewRuntimeConfig().WithCoreFeatures(features))
	for i, wasm := range corpus() {
		if _, err := r.CompileModule(t.Context(), wasm); err != nil {
			t.Errorf("module %d of the corpus: %v", i, err)
		}
		if _, err := r.CompileModule(t.Context(), rewritten(t, wasm)); err != nil {
			t.Errorf("module %d rewritten: %v", i, err)
		}
	}
}

func TestGoGuestCompiles(t *testing.T) {
	wasm := guest(t, "work")
	out := rewritten(t, wasm)
	r := engine(t, wazero.NewRuntimeConfigInterpreter())
	if _, err := r.CompileModule(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Lift(wasm, Limits{}); !errors.Is(err, ErrRefused) {
		t.Errorf("Lift obeys no limits: %v", err)
	}
	lifted, segments, err := Lift(wasm, DefaultLimits())
	if err != nil || len(segments) == 0 {
		t.Fatalf("lifted %d segments, %v", len(segments), err)
	}
	if _, err := r.CompileModule(t.Context(), lifted); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d with fuel, %d without %d segments of data", len(wasm), len(out), len(lifted), len(segments))
}
