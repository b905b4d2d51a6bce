package applet

import (
	"os"
	"testing"

	"kubergarten/wasm/guest/busybox/ash"
)

// BenchmarkLoop is the shell's own speed: a thousand rounds of test and
// arithmetic.
func BenchmarkLoop(b *testing.B) {
	b.ReportAllocs()
	old := os.Stdout
	defer func() { os.Stdout = old }()
	for b.Loop() {
		if status := ash.Main("sh", []string{"-c", "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done"}, utilities()); status != 0 {
			b.Fatal(status)
		}
	}
}
