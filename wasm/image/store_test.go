package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/tetratelabs/wazero"
	"k8s.io/utils/clock"

	"kubergarten/wasm/fuel"
)

// hello is a module with a page of memory that holds "hello" at 8, and
// functions grow(pages) and poke(): writes 1 at 8.
const hello = "\x00asm\x01\x00\x00\x00" +
	"\x01\x09\x02\x60\x01\x7f\x01\x7f\x60\x00\x00" +
	"\x03\x03\x02\x00\x01" +
	"\x05\x03\x01\x00\x01" +
	"\x07\x18\x03\x06memory\x02\x00\x04grow\x00\x00\x04poke\x00\x01" +
	"\x0a\x12\x02\x06\x00\x20\x00\x40\x00\x0b\x09\x00\x41\x08\x41\x01\x3a\x00\x00\x0b" +
	"\x0b\x0b\x01\x00\x41\x08\x0b\x05hello"

// modules is a source of guests that counts.
type modules struct{ calls atomic.Int32 }

func (m *modules) module(name string) ([]byte, error) {
	m.calls.Add(1)
	if name == "missing" {
		return nil, errors.New("not built")
	}
	return []byte(hello), nil
}

func newStore(t testing.TB, cfg Config) *Store {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = "-"
	}
	if cfg.Modules == nil {
		cfg.Modules = new(modules).module
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	if err := s.Offer(t.Context(), func(context.Context, wazero.Runtime) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestResolve(t *testing.T) {
	s := newStore(t, Config{})
	tests := []struct{ name, want, err string }{
		{name: "busybox", want: "docker.io/library/busybox:latest"},
		{name: "busybox:1.28", want: "docker.io/library/busybox:1.28"},
		{name: "docker.io/library/busybox:1.36.1", want: "docker.io/library/busybox:1.36.1"},
		{name: "nginx:1.27-alpine", want: "docker.io/library/nginx:1.27-alpine"},
		{name: "nginx:1.14.2", want: "docker.io/library/nginx:1.14.2"},
		{name: "registry.k8s.io/pause:3.10", want: "registry.k8s.io/pause:3.10"},
		{name: "hashicorp/http-echo", want: "docker.io/hashicorp/http-echo:latest"},
		{name: "traefik/whoami:v1.10", want: "docker.io/traefik/whoami:v1.10"},
		{name: "nginx:1.161", err: `failed to pull and unpack image "docker.io/library/nginx:1.161": failed to resolve reference "docker.io/library/nginx:1.161": docker.io/library/nginx:1.161: not found`},
		{name: "nosuch", err: `failed to pull and unpack image "docker.io/library/nosuch:latest": failed to resolve reference "docker.io/library/nosuch:latest": docker.io/library/nosuch:latest: not found`},
		{name: "busybox@sha256:" + strings.Repeat("0", 64), err: "not found"},
		{name: "Bad Name", err: "invalid reference format"},
		{name: "", err: "invalid reference format"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			i, err := s.Resolve(tc.name)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Errorf("got %v, want %q", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if i.Ref.String() != tc.want {
				t.Errorf("got %s, want %s", i.Ref, tc.want)
			}
			if again, err := s.Resolve(i.RepoDigest()); err != nil || again.Digest != i.Digest {
				t.Errorf("%s does not resolve: %v", i.RepoDigest(), err)
			}
		})
	}
}

func TestDigests(t *testing.T) {
	resolve := func(s *Store, name string) *Image {
		t.Helper()
		i, err := s.Resolve(name)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	s := newStore(t, Config{})
	other := newStore(t, Config{Modules: func(string) ([]byte, error) { return []byte(hello + "\x00\x05\x04name"), nil }})
	a := resolve(s, "busybox")
	if b := resolve(newStore(t, Config{}), "busybox"); a.Digest != b.Digest || a.ID != b.ID || a.Size != b.Size {
		t.Errorf("%v and %v: the same content, other hashes", a.Digest, b.Digest)
	}
	if b := resolve(other, "busybox"); a.Digest == b.Digest {
		t.Error("other content, the same digest")
	}
	if b := resolve(s, "nginx:1.25"); resolve(s, "nginx:1.26").ID == b.ID {
		t.Error("two versions of nginx have one ID")
	}
}

func TestImport(t *testing.T) {
	s := newStore(t, Config{})
	i, err := s.Import("me/app.wasm:v1", []byte(hello), v1.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if got := i.Config.Entrypoint; len(got) != 1 || got[0] != "/app" {
		t.Errorf("entrypoint %v", got)
	}
	if _, err := s.Program(t.Context(), i.Main()); err != nil {
		t.Error(err)
	}
	if again, err := s.Resolve("me/app.wasm:v1"); err != nil || again != i {
		t.Errorf("got %v, %v", again, err)
	}
	if _, err := s.Import("me/bomb", []byte(hello[:8]+"\x05\x05\x02\x00\x01\x00\x01"), v1.Config{}); !errors.Is(err, fuel.ErrRefused) {
		t.Errorf("got %v, want %v", err, fuel.ErrRefused)
	}
}

func TestProgramIsMadeOnce(t *testing.T) {
	var m modules
	s := newStore(t, Config{Modules: m.module})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := s.Program(t.Context(), "hello"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := m.calls.Load(); n != 1 {
		t.Errorf("made %d times", n)
	}
	for range 2 { // a failure is no answer for ever
		if _, err := s.Program(t.Context(), "missing"); err == nil || err.Error() != "program missing: not built" {
			t.Errorf("got %v", err)
		}
	}
	if n := m.calls.Load(); n != 3 {
		t.Errorf("tried %d times", n-1)
	}
}

func TestRunWarmsUp(t *testing.T) {
	var m modules
	s := newStore(t, Config{Modules: m.module, Warm: []string{"missing", "hello"}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	if _, err := s.Program(ctx, "hello"); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWarmOnce(t *testing.T) {
	dir := t.TempDir()
	for run, want := range []int32{1, 0} {
		var m modules
		s := newStore(t, Config{Dir: dir, Modules: m.module, Warm: []string{"hello"}})
		ctx, cancel := context.WithCancel(t.Context())
		s.warm(ctx)
		cancel()
		if n := m.calls.Load(); n != want {
			t.Errorf("run %d: read %d modules, want %d", run, n, want)
		}
	}
}

func TestSpoiltCache(t *testing.T) {
	spoil := func(t *testing.T, pattern string, how func([]byte) []byte) Config {
		dir := t.TempDir()
		s := newStore(t, Config{Dir: dir})
		if _, err := s.Program(t.Context(), "hello"); err != nil {
			t.Fatal(err)
		}
		names, _ := filepath.Glob(filepath.Join(dir, pattern))
		if len(names) != 1 {
			t.Fatalf("%s: %v", pattern, names)
		}
		b, err := os.ReadFile(names[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(names[0], how(b), 0o600); err != nil {
			t.Fatal(err)
		}
		return Config{Dir: dir}
	}
	hows := map[string]func([]byte) []byte{
		"empty":   func([]byte) []byte { return nil },
		"cut":     func(b []byte) []byte { return b[:len(b)/2] },
		"flipped": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"zeroed":  func(b []byte) []byte { clear(b); return b },
	}
	for _, pattern := range []string{"fuel-*", "wazero-*/*"} {
		for name, how := range hows {
			t.Run(fmt.Sprintf("%s %s", pattern, name), func(t *testing.T) {
				s := newStore(t, spoil(t, pattern, how))
				p, err := s.Program(t.Context(), "hello")
				if err != nil {
					t.Fatal(err)
				}
				instance(t, s, p, s.NewMemory(0, nil))
			})
		}
	}
}

// instance makes an instance of p.
func instance(t testing.TB, s *Store, p *Program, m *Memory) *Instance {
	t.Helper()
	i, err := newInstance(s, p, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close(context.Background()) })
	if b, _ := i.Memory().Read(8, 5); string(b) != "hello" {
		t.Errorf("memory has %q", b)
	}
	return i
}

func meter() *fuel.Meter {
	return fuel.NewAccount(clock.RealClock{}).NewMeter(context.Background(), nil)
}
