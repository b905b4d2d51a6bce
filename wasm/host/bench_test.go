package host

import (
	"io"
	"runtime"
	"strconv"
	"testing"
)

// BenchmarkStart is the life of a Go guest that does nothing.
func BenchmarkStart(b *testing.B) {
	box := newBox(b, "exit", "0")
	init := newBox(b, "sleep", "1h")
	box.PIDs = init.PIDs
	init.start()
	b.ResetTimer()
	for range b.N {
		wait(b, box.start())
	}
}

// BenchmarkCall is one call of a guest that reads the clock, as time.Now does
// twice.
func BenchmarkCall(b *testing.B) {
	box := newBox(b, "bench", "clock", strconv.Itoa(b.N))
	b.ResetTimer()
	box.run()
}

// BenchmarkPipe is 32 KiB from a guest through a pipe.
func BenchmarkPipe(b *testing.B) {
	box := newBox(b, "bench", "write", strconv.Itoa(b.N))
	r, w := Pipe()
	box.Stdout = w
	b.SetBytes(32 << 10)
	b.ResetTimer()
	p := box.start()
	_, err := io.Copy(io.Discard, r)
	must(b, err)
	wait(b, p)
}

// BenchmarkBlocked is what a sleeping process costs besides its linear memory:
// goroutines and host heap.
func BenchmarkBlocked(b *testing.B) {
	box := newBox(b, "sleep", "1h")
	box.Limits.Processes = 1 << 20
	box.start()
	var before, after runtime.MemStats
	goroutines := runtime.NumGoroutine()
	runtime.GC()
	runtime.ReadMemStats(&before)
	linear := int64(0)
	for range b.N {
		p := box.start()
		for !p.parked.Load() {
			runtime.Gosched()
		}
		linear += p.Memory()
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc)-float64(linear))/float64(b.N), "B/process")
	b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/float64(b.N), "goroutines/process")
}
