package fuel

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tetratelabs/wazero"
	"k8s.io/utils/clock"
)

// hog is a meter that has burnt a quantum, and holds a core.
func hog(t *testing.T, c *Cores) *Meter {
	t.Helper()
	m := c.NewAccount(clock.RealClock{}).NewMeter(t.Context(), nil)
	m.Start()
	m.take()
	if !m.holding {
		t.Fatal("it got no core")
	}
	return m
}

func TestCoresAreQueuedFor(t *testing.T) {
	cores := NewCores(1)
	first := hog(t, cores)
	second := cores.NewAccount(clock.RealClock{}).NewMeter(t.Context(), nil)
	second.Start() // needs none to begin with
	got := make(chan struct{})
	go func() {
		second.take()
		close(got)
	}()
	select {
	case <-got:
		t.Error("two guests on one core")
	default:
	}
	first.Stop() // it waits for something
	<-got
	second.Stop()
	if n := len(cores.taken); n != 0 {
		t.Errorf("%d cores are still taken", n)
	}
}

func TestKilledInTheQueue(t *testing.T) {
	cores := NewCores(1)
	first := hog(t, cores)
	second := cores.NewAccount(clock.RealClock{}).NewMeter(t.Context(), nil)
	second.Start()
	ended := make(chan any)
	go func() {
		defer func() { ended <- recover() }()
		second.take()
	}()
	second.Kill(ErrKilled)
	if e := <-ended; e != ErrKilled {
		t.Errorf("panicked with %v", e)
	}
	second.Stop()
	first.Stop()
	if n := len(cores.taken); n != 0 {
		t.Errorf("%d cores are still taken", n)
	}
}

// BenchmarkServerBesideHogs is a request to a server whose process holds four
// guests that compute, on the cores that are left to them, and on all.
func BenchmarkServerBesideHogs(b *testing.B) {
	for name, cores := range map[string]*Cores{"no hogs": nil, "all cores": NewCores(1000), "one core": NewCores(1)} {
		b.Run(name, func(b *testing.B) {
			if cores != nil {
				defer hogs(b, cores)()
			}
			srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			defer srv.Close()
			for b.Loop() {
				r, err := http.Get(srv.URL)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, r.Body)
				r.Body.Close()
			}
		})
	}
}

// hogs lets four guests compute until stop is called.
func hogs(b *testing.B, cores *Cores) (stop func()) {
	r := engine(b, wazero.NewRuntimeConfig())
	wasm := rewritten(b, command(0, opLoop, blockEmpty, opBr, 0, opEnd))
	var meters []*Meter
	done := make(chan error)
	for range 4 {
		m := cores.NewAccount(clock.RealClock{}).NewMeter(b.Context(), nil)
		meters = append(meters, m)
		go func() {
			_, err := run(context.Background(), r, m, wasm)
			done <- err
		}()
	}
	return func() {
		for _, m := range meters {
			m.Kill(ErrKilled)
		}
		for range meters {
			if err := <-done; !errors.Is(err, ErrKilled) {
				b.Error(err)
			}
		}
	}
}
