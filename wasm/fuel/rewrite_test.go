package fuel

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"k8s.io/utils/clock"
)

// engine is a runtime with fuel and WASI.
func engine(t testing.TB, cfg wazero.RuntimeConfig) wazero.Runtime {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, cfg)
	t.Cleanup(func() { r.Close(ctx) })
	if err := Instantiate(ctx, r); err != nil {
		t.Fatal(err)
	}
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	return r
}

func rewritten(t testing.TB, wasm []byte) []byte {
	t.Helper()
	l := DefaultLimits()
	l.Start = true
	out, err := Rewrite(wasm, l)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// run instantiates a rewritten module under a meter.
func run(ctx context.Context, r wazero.Runtime, m *Meter, wasm []byte) (api.Module, error) {
	c, err := r.CompileModule(ctx, wasm)
	if err != nil {
		return nil, err
	}
	m.Start()
	defer m.Stop()
	return r.InstantiateModule(WithMeter(ctx, m), c, wazero.NewModuleConfig().WithName(""))
}

func meter(t testing.TB) *Meter {
	return NewAccount(clock.RealClock{}).NewMeter(t.Context(), nil)
}

// call runs function f of a rewritten module.
func call(t testing.TB, wasm []byte, f string, args ...uint64) ([]uint64, api.Module, error) {
	t.Helper()
	r := engine(t, wazero.NewRuntimeConfig())
	m := meter(t)
	mod, err := run(t.Context(), r, m, rewritten(t, wasm))
	if err != nil {
		t.Fatal(err)
	}
	m.Start()
	defer m.Stop()
	res, err := mod.ExportedFunction(f).Call(WithMeter(t.Context(), m), args...)
	return res, mod, err
}

func TestLoopIsPreempted(t *testing.T) {
	doubling := &builder{}
	typ := doubling.typ(0, 0)
	for i := range byte(45) { // f0 calls f1 twice, f1 calls f2 twice, ...
		doubling.fn(typ, 0, opCall, i+1, opCall, i+1)
	}
	doubling.fn(typ, 0)
	doubling.export("_start", 0, 0)

	var fills []byte
	for range 2000 {
		fills = append(fills, cat(i32(0), i32(1), i32(30<<20), op(opMisc, miscMemoryFill, 0))...)
	}
	tests := map[string][]byte{
		"endless loop":    command(0, opLoop, blockEmpty, opBr, 0, opEnd),
		"doubling calls":  doubling.bytes(),
		"bulk operations": command(0, cat(i32(500), op(opMemoryGrow, 0, 0x1a), fills)...),
		"start function": func() []byte {
			b := &builder{}
			b.start = appendU32(nil, b.fn(b.typ(0, 0), 0, opLoop, blockEmpty, opBr, 0, opEnd))
			return b.bytes()
		}(),
	}
	r := engine(t, wazero.NewRuntimeConfig())
	for name, wasm := range tests {
		t.Run(name, func(t *testing.T) {
			out := rewritten(t, wasm)
			m := meter(t)
			done := make(chan error, 1)
			go func() {
				_, err := run(context.Background(), r, m, out)
				done <- err
			}()
			for m.Used() < 10*time.Millisecond { // it runs, and others do as well
				runtime.GC() // would hang for ever
			}
			killed := time.Now()
			m.Kill(ErrKilled)
			if err := <-done; !errors.Is(err, ErrKilled) {
				t.Errorf("got %v, want %v", err, ErrKilled)
			}
			t.Logf("died %v after the kill", time.Since(killed))
		})
	}
}

func TestBulkOperationsKeepTheirMeaning(t *testing.T) {
	b := &builder{}
	b.mem(16)
	b.export("memory", 2, 0)
	move := b.typ(3, 0)
	args := op(opLocalGet, 0, opLocalGet, 1, opLocalGet, 2)
	b.export("fill", 0, b.fn(move, 0, cat(args, op(opMisc, miscMemoryFill, 0))...))
	b.export("copy", 0, b.fn(move, 0, cat(args, op(opMisc, miscMemoryCopy, 0, 0))...))
	const size = 1 << 20
	r := engine(t, wazero.NewRuntimeConfig())
	plain, err := r.InstantiateWithConfig(t.Context(), b.bytes(), wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	m := meter(t)
	fueled, err := run(t.Context(), r, m, rewritten(t, b.bytes()))
	if err != nil {
		t.Fatal(err)
	}
	ctx := WithMeter(t.Context(), m)
	edges := []uint64{0, 1, 7, chunk - 1, chunk, chunk + 1, 3*chunk + 5, size / 2, size - chunk, size - 1, size, size + 1, 1<<32 - 1}
	for _, f := range []string{"fill", "copy"} {
		for _, to := range edges {
			for _, from := range edges {
				for _, n := range edges {
					_, e1 := plain.ExportedFunction(f).Call(ctx, to, from, n)
					_, e2 := fueled.ExportedFunction(f).Call(ctx, to, from, n)
					if (e1 == nil) != (e2 == nil) || e1 != nil && first(e1) != first(e2) {
						t.Fatalf("%s(%d, %d, %d) = %v, want %v", f, to, from, n, e2, e1)
					}
				}
				for _, mod := range []api.Module{plain, fueled} { // something to see
					mod.Memory().WriteUint32Le(uint32(min(to, size-4)), uint32(to*7+from))
				}
			}
		}
		a, _ := plain.Memory().Read(0, size)
		b, _ := fueled.Memory().Read(0, size)
		if string(a) != string(b) {
			t.Fatalf("%s left another memory", f)
		}
	}
}

func first(err error) string { s, _, _ := strings.Cut(err.Error(), "\n"); return s }

func TestMemoryGrowKeepsItsMeaning(t *testing.T) {
	b := &builder{}
	b.mem(1)
	b.export("grow", 0, b.fn(b.typ(1, 1), 0, opLocalGet, 0, opMemoryGrow, 0))
	for _, tc := range []struct{ pages, want uint64 }{{0, 1}, {3, 1}, {1 << 17, 1<<32 - 1}} {
		res, _, err := call(t, b.bytes(), "grow", tc.pages)
		if err != nil || api.DecodeU32(res[0]) != uint32(tc.want) {
			t.Errorf("memory.grow(%d) = %v, %v; want %d", tc.pages, res, err, tc.want)
		}
	}
}

// guest builds one of the Go programs below testdata.
func guest(t testing.TB, name string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), name+".wasm")
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", out, "./testdata/"+name)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, b)
	}
	wasm, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}
