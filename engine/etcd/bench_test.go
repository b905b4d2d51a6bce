package etcd_test

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"kubergarten/engine/etcd"
)

// BenchmarkWrites: 1 KB values, durable, by so many writers at once.
func BenchmarkWrites(b *testing.B) {
	value := bytes.Repeat([]byte("x"), 1024)
	for _, backend := range []string{etcd.BuntDB, etcd.Memory} {
		for _, writers := range []int{1, 100} {
			b.Run(fmt.Sprintf("%s/writers=%d", backend, writers), func(b *testing.B) {
				dir, err := os.MkdirTemp(".", "bench") // /tmp may be in RAM
				if err != nil {
					b.Fatal(err)
				}
				defer os.RemoveAll(dir)
				s := start(b, etcd.Config{Dir: dir, Backend: backend})
				b.ResetTimer()
				writeAll(b, s, writers, value)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
				b.StopTimer()
				_ = s.stop()
			})
		}
	}
}

func writeAll(b *testing.B, s etcd.KV, writers int, value []byte) {
	var wg sync.WaitGroup
	var n atomic.Int64
	for w := range writers {
		wg.Go(func() {
			for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
				put(b, s, fmt.Sprintf("/registry/configmaps/default/%d-%d", w, i%100), string(value))
			}
		})
	}
	wg.Wait()
}

// BenchmarkGet reads one of 10 000 keys.
func BenchmarkGet(b *testing.B) {
	s := filled(b, 10000)
	for i := 0; b.Loop(); i++ {
		if kv, _, err := s.Get(b.Context(), fmt.Sprintf("/registry/configmaps/default/%05d", i%10000), 0); err != nil || kv == nil {
			b.Fatal(kv, err)
		}
	}
}

// BenchmarkRange reads 1000 of 10 000 keys.
func BenchmarkRange(b *testing.B) {
	s := filled(b, 10000)
	for b.Loop() {
		if r, err := s.Range(b.Context(), etcd.RangeRequest{Prefix: "/registry/configmaps/default/03"}); err != nil || r.Count != 1000 {
			b.Fatal(r.Count, err)
		}
	}
}

func filled(b *testing.B, n int) *running {
	s := start(b, etcd.Config{Backend: etcd.Memory})
	for i := range n {
		put(b, s, fmt.Sprintf("/registry/configmaps/default/%05d", i), "x")
	}
	return s
}

// BenchmarkOpen starts on a file of 10 000 keys of 1 KB.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	s := start(b, etcd.Config{Dir: dir})
	var wg sync.WaitGroup
	for w := range 100 {
		wg.Go(func() {
			for i := range 100 {
				put(b, s, fmt.Sprintf("/registry/configmaps/default/%03d-%03d", w, i), string(bytes.Repeat([]byte("x"), 1024)))
			}
		})
	}
	wg.Wait()
	_ = s.stop()
	b.ReportAllocs()
	for b.Loop() {
		s = start(b, etcd.Config{Dir: dir})
		_ = s.stop()
	}
}
