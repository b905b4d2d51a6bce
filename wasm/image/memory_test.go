package image

import (
	"context"
	"errors"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"kubergarten/wasm/fuel"
)

// Instance is a running module, and the context of its calls.
type Instance struct {
	api.Module
	ctx context.Context
}

func newInstance(s *Store, p *Program, m *Memory) (i *Instance, err error) {
	defer func() {
		if e, ok := recover().(error); ok {
			err = e
		}
	}()
	ctx := fuel.WithMeter(context.Background(), meter())
	ctx = experimental.WithMemoryAllocator(ctx, p.Allocator(m))
	mod, err := s.Runtime().InstantiateModule(ctx, p.Module, wazero.NewModuleConfig().WithName(""))
	return &Instance{mod, ctx}, err
}

func (i *Instance) call(f string, args ...uint64) error {
	_, err := i.ExportedFunction(f).Call(i.ctx, args...)
	return err
}

func TestMemoryIsSharedUntilWritten(t *testing.T) {
	s := newStore(t, Config{})
	p, err := s.Program(t.Context(), "hello")
	if err != nil {
		t.Fatal(err)
	}
	m := s.NewMemory(0, nil)
	a, b := instance(t, s, p, m), instance(t, s, p, m)
	if err := a.call("poke"); err != nil {
		t.Fatal(err)
	}
	if x, _ := a.Memory().ReadByte(8); x != 1 {
		t.Errorf("a has %q", x)
	}
	if x, _ := b.Memory().ReadByte(8); x != 'h' {
		t.Errorf("b has %q", x)
	}
	if now, peak := m.Usage(); now != 2<<16 || peak != 2<<16 {
		t.Errorf("%d in use, peak %d", now, peak)
	}
	a.Close(t.Context())
	if now, peak := m.Usage(); now != 1<<16 || peak != 2<<16 {
		t.Errorf("%d in use, peak %d", now, peak)
	}
}

func TestMemoryLimit(t *testing.T) {
	const page = 1 << 16
	s := newStore(t, Config{Memory: 100 * page})
	p, err := s.Program(t.Context(), "hello")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("of the container", func(t *testing.T) {
		killed := 0
		m := s.NewMemory(10*page, func() { killed++ })
		i := instance(t, s, p, m)
		if err := i.call("grow", 9); err != nil {
			t.Errorf("within the limit: %v", err)
		}
		if err := i.call("grow", 1); !errors.Is(err, ErrOOM) {
			t.Errorf("got %v, want %v", err, ErrOOM)
		}
		if killed != 1 || m.OOMs() != 1 {
			t.Errorf("killed %d times, %d OOMs", killed, m.OOMs())
		}
	})
	t.Run("of the container, at the start", func(t *testing.T) {
		m := s.NewMemory(page/2, nil)
		if _, err := newInstance(s, p, m); !errors.Is(err, ErrOOM) {
			t.Errorf("got %v, want %v", err, ErrOOM)
		}
		if now, _ := m.Usage(); now != 0 {
			t.Errorf("%d in use", now)
		}
	})
	t.Run("raised", func(t *testing.T) {
		m := s.NewMemory(2*page, nil)
		i := instance(t, s, p, m)
		m.SetLimit(20 * page)
		if err := i.call("grow", 18); err != nil {
			t.Errorf("within the new limit: %v", err)
		}
		if x, _ := i.Memory().ReadByte(8); x != 'h' {
			t.Errorf("memory has %q after it moved", x)
		}
		if err := i.call("grow", 2); !errors.Is(err, ErrOOM) {
			t.Errorf("got %v, want %v", err, ErrOOM)
		}
	})
	t.Run("of the server", func(t *testing.T) {
		i := instance(t, s, p, s.NewMemory(0, nil))
		if err := i.call("grow", 200); !errors.Is(err, ErrOOM) {
			t.Errorf("got %v, want %v", err, ErrOOM)
		}
	})
	if now := s.budget.used; now != 0 {
		t.Errorf("budget: %d in use", now)
	}
}

func TestSlice(t *testing.T) {
	s := &slice{segments: []fuel.Segment{{Offset: 3, Bytes: []byte("abc")}}}
	b := s.grow(10)
	b[3] = 'x'
	if got := string(s.grow(100)[3:6]); got != "xbc" {
		t.Errorf("got %q", got)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode([]byte("module"), []fuel.Segment{{Offset: 3, Bytes: []byte("abc")}, {}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		module, segments, err := decode(b)
		if err != nil {
			return
		}
		if got := encode(module, segments); string(got) != string(b) {
			t.Errorf("%x became %x", b, got)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"nginx", "nginx:1.27", "registry.k8s.io/pause:3.10", "a/b/c@sha256:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(r.String()); err != nil || again != r {
			t.Errorf("%q is %+v, which is %+v, %v", s, r, again, err)
		}
	})
}
