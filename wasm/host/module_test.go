package host

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/experimental"

	"kubergarten/wasm/host/vfs"
)

// section is a section of a module, vec a list of things.
func section(id byte, things ...string) string {
	body := string(rune(len(things))) + strings.Join(things, "")
	return string(rune(id)) + string(rune(len(body))) + body
}

// command is a module whose _start is code; pages < 0 is no memory.
func command(code string, pages int, imports ...string) []byte {
	body := "\x00" + code + "\x0b"
	exports := []string{"\x06_start\x00" + string(rune(len(imports)))}
	m := "\x00asm\x01\x00\x00\x00" + section(1, "\x60\x00\x00")
	if len(imports) > 0 {
		m += section(2, imports...)
	}
	m += section(3, "\x00")
	if pages >= 0 {
		m += section(5, "\x00"+string(rune(pages)))
		exports = append(exports, "\x06memory\x02\x00")
	}
	return []byte(m + section(7, exports...) + section(10, string(rune(len(body)))+body))
}

func TestModules(t *testing.T) {
	t.Run("trap", func(t *testing.T) {
		b := newBox(t)
		b.program("/bin/trap", command("\x00", 1)) // unreachable
		x := b.run()
		want(t, "code", x.Code, 139)
		want(t, "reason", x.Reason, "Error")
		if !strings.Contains(b.err.String(), "unreachable") {
			t.Errorf("last words: %q", b.err.String())
		}
	})
	t.Run("stack overflow", func(t *testing.T) {
		b := newBox(t)
		b.program("/bin/deep", command("\x10\x00", 1)) // call 0
		want(t, "code", b.run().Code, 139)
		if !strings.Contains(b.err.String(), "stack overflow") {
			t.Errorf("last words: %q", b.err.String())
		}
	})
	t.Run("returns", func(t *testing.T) {
		b := newBox(t)
		b.program("/bin/true", command("", 1))
		want(t, "exit", b.run(), Exit{Reason: "Completed"})
	})
	t.Run("no memory", func(t *testing.T) {
		b := newBox(t)
		b.program("/bin/none", command("", -1))
		_, err := Start(t.Context(), b.Config)
		want(t, "error", errors.Is(err, ErrNoExec), true)
	})
	t.Run("unknown import", func(t *testing.T) {
		b := newBox(t)
		b.program("/bin/odd", command("", 1, "\x03env\x03foo\x00\x00"))
		_, err := Start(t.Context(), b.Config)
		want(t, "error", err.Error(), "start /bin/odd: module[env] not instantiated")
	})
	t.Run("no such file", func(t *testing.T) {
		b := newBox(t)
		b.Path = "/bin/none"
		_, err := Start(t.Context(), b.Config)
		want(t, "error", err.Error(), "start /bin/none: no such file or directory")
	})
}

// tight is an allocator with room for so many bytes.
type tight struct {
	max uint64
	b   []byte
}

func (a *tight) Allocate(_, _ uint64) experimental.LinearMemory { return a }
func (a *tight) Free()                                          {}

func (a *tight) Reallocate(size uint64) []byte {
	if size > a.max {
		panic(ErrOOM)
	}
	b := make([]byte, size)
	copy(b, a.b)
	a.b = b
	return b
}

func TestOutOfMemory(t *testing.T) {
	for name, max := range map[string]uint64{"while it runs": 3 << 16, "from the start": 1 << 16} {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			b.program("/bin/hungry", command("\x03\x40\x41\x01\x40\x00\x1a\x0c\x00\x0b", 2)) // for { memory.grow 1 }
			b.tighten(max)
			x := b.run()
			want(t, "code", x.Code, 137)
			want(t, "reason", x.Reason, "OOMKilled")
		})
	}
}

// tighten gives each of the box's processes so much memory, and no more than it
// asks for.
func (b *box) tighten(max uint64) {
	load := b.Loader
	b.Loader = func(ctx context.Context, path string, v vfs.View) (*Program, error) {
		p, err := load(ctx, path, v)
		if err != nil {
			return nil, err
		}
		prepare := p.Prepare
		p.Prepare = func(ctx context.Context, yield func()) (context.Context, CPU) {
			ctx, cpu := prepare(ctx, yield)
			return experimental.WithMemoryAllocator(ctx, &tight{max: max}), cpu
		}
		return p, nil
	}
}
