package fuel

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
)

// BenchmarkFuel shows what fuel costs: each piece of work in a Go guest with
// and without it.
func BenchmarkFuel(b *testing.B) {
	wasm := guest(b, "work")
	r := engine(b, wazero.NewRuntimeConfig())
	ctx := context.Background()
	plain, err := r.CompileModule(ctx, wasm)
	if err != nil {
		b.Fatal(err)
	}
	fueled, err := r.CompileModule(ctx, rewritten(b, wasm))
	if err != nil {
		b.Fatal(err)
	}
	for _, work := range []string{"sha256 4194304", "sieve 3000000", "fib 30", "sort 200000", "copy 1000000"} {
		for i, c := range []wazero.CompiledModule{plain, fueled} {
			b.Run(strings.Fields(work)[0]+"/"+[]string{"off", "on"}[i], func(b *testing.B) {
				for b.Loop() {
					var out bytes.Buffer
					m := meter(b) // of one process
					m.Start()
					cfg := wazero.NewModuleConfig().WithName("").WithStdout(&out).WithStderr(&out).WithArgs(append([]string{"work"}, strings.Fields(work)...)...)
					if mod, err := r.InstantiateModule(WithMeter(ctx, m), c, cfg); err != nil && !strings.Contains(err.Error(), "exit_code(0)") {
						b.Fatal(err, out.String())
					} else if mod != nil {
						mod.Close(ctx)
					}
				}
			})
		}
	}
}

// BenchmarkRewrite shows how long the rewriting of a Go guest takes.
func BenchmarkRewrite(b *testing.B) {
	wasm := guest(b, "work")
	b.SetBytes(int64(len(wasm)))
	for b.Loop() {
		if _, err := Rewrite(wasm, DefaultLimits()); err != nil {
			b.Fatal(err)
		}
	}
}
