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

// reader is a module that reads a byte from its standard input.
func reader() []byte {
	body := "\x00\x41\x04\x41\x01\x36\x02\x00\x41\x00\x41\x00\x41\x01\x41\x10\x10\x00\x1a\x0b"
	return []byte("\x00asm\x01\x00\x00\x00" +
		section(1, "\x60\x00\x00", "\x60\x04\x7f\x7f\x7f\x7f\x01\x7f") +
		section(2, "\x16wasi_snapshot_preview1\x07fd_read\x00\x01") +
		section(3, "\x00") + section(5, "\x00\x01") +
		section(7, "\x06_start\x00\x01", "\x06memory\x02\x00") +
		section(10, string(rune(len(body)))+body))
}

// BenchmarkBlocked is what a blocked process costs besides its linear memory:
// goroutines and heap.
func BenchmarkBlocked(b *testing.B) {
	box := newBox(b)
	box.program("/bin/reader", reader())
	box.Limits.Processes = 1 << 20
	box.tighten(1 << 16)
	var before, after runtime.MemStats
	goroutines := runtime.NumGoroutine()
	runtime.GC()
	runtime.ReadMemStats(&before)
	var ends []*PipeWriter
	for range b.N {
		r, w := Pipe()
		ends, box.Stdin = append(ends, w), r
		p := box.start()
		for !p.parked.Load() {
			runtime.Gosched()
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/float64(b.N)-1<<16, "B/process")
	b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/float64(b.N), "goroutines/process")
	runtime.KeepAlive(ends)
}
