package host

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tetratelabs/wazero"
	"go.uber.org/goleak"

	"kubergarten/engine/clock"
	"kubergarten/wasm/fuel"
	"kubergarten/wasm/host/vfs"
)

// TestMain builds nothing: what a test needs is built when the first one asks.
func TestMain(m *testing.M) {
	code := m.Run()
	if theLab != nil {
		theLab.rt.Close(context.Background())
		os.RemoveAll(theLab.dir)
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// lab is a runtime with the host's modules, and the test guest compiled on it.
type lab struct {
	rt    wazero.Runtime
	dir   string
	mu    sync.Mutex
	known map[string]wazero.CompiledModule
}

var (
	theLab  *lab
	labOnce sync.Once
)

func newLab(t testing.TB) *lab {
	t.Helper()
	labOnce.Do(func() {
		ctx := context.Background()
		cache, err := wazero.NewCompilationCacheWithDir(filepath.Join(os.TempDir(), "kubergarten-test-wazero"))
		must(t, err)
		l := &lab{rt: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCompilationCache(cache)), known: map[string]wazero.CompiledModule{}}
		must(t, Instantiate(ctx, l.rt))
		must(t, fuel.Instantiate(ctx, l.rt))
		l.dir, err = os.MkdirTemp("", "guest")
		must(t, err)
		out := filepath.Join(l.dir, "guest.wasm")
		cmd := exec.Command("go", "build", "-o", out, "./testdata/guest")
		cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
		if b, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build the guest: %v\n%s", err, b)
		}
		b, err := os.ReadFile(out)
		must(t, err)
		b, err = fuel.Rewrite(b, fuel.DefaultLimits())
		must(t, err)
		l.known["/bin/guest"], err = l.rt.CompileModule(ctx, b)
		must(t, err)
		theLab = l
	})
	if theLab == nil {
		t.Skip("no lab")
	}
	return theLab
}

// program compiles a hand-made module, to be found at path.
func (b *box) program(path string, wasm []byte) {
	b.t.Helper()
	m, err := theLab.rt.CompileModule(context.Background(), wasm)
	must(b.t, err)
	theLab.mu.Lock()
	defer theLab.mu.Unlock()
	theLab.known[path] = m
	must(b.t, b.FS.View(0, b.Cred).WriteFile(path, nil, 0o755))
	b.Path, b.Args = path, []string{path}
}

// load is the Loader of the tests.
func (l *lab) load(account *fuel.Account) Loader {
	return func(_ context.Context, path string, _ vfs.View) (*Program, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		m := l.known[path]
		if m == nil {
			return nil, ErrNoExec
		}
		return &Program{Runtime: l.rt, Module: m, Prepare: func(ctx context.Context, yield func()) (context.Context, CPU) {
			meter := account.NewMeter(ctx, yield)
			return fuel.WithMeter(ctx, meter), meter
		}}, nil
	}
}

// box is a container of the tests.
type box struct {
	Config
	t        testing.TB
	out, err bytes.Buffer
}

// newBox returns the config of a process in a new container.
func newBox(t testing.TB, args ...string) *box {
	t.Helper()
	l, clk := newLab(t), clock.New()
	tree := vfs.NewTree()
	must(t, tree.File("/bin/guest", vfs.Attr{Mode: 0o755}, vfs.Bytes([]byte("\x00asm"))))
	must(t, tree.File("/etc/passwd", vfs.Attr{Mode: 0o644}, vfs.Bytes([]byte("root:x:0:0\n"))))
	must(t, tree.Mkdir("/tmp", vfs.Attr{Mode: 0o1777}))
	b := &box{t: t, Config: Config{
		Path: "/bin/guest", Args: append([]string{"guest"}, args...), Hostname: "pod-1", Clock: clk,
		FS: vfs.New(vfs.Config{Tree: tree, Now: clk.Now}), PIDs: NewPIDs(), Loader: l.load(fuel.NewAccount(clk)),
	}}
	b.Stdout, b.Stderr = Writer(&b.out), Writer(&b.err)
	return b
}

// quota is a file system with room for so many bytes.
func quota(t testing.TB, n int64) *vfs.FS {
	t.Helper()
	tree := vfs.NewTree()
	must(t, tree.File("/bin/guest", vfs.Attr{Mode: 0o755}, vfs.Bytes([]byte("\x00asm"))))
	must(t, tree.Mkdir("/tmp", vfs.Attr{Mode: 0o1777}))
	return vfs.New(vfs.Config{Tree: tree, Quota: vfs.Quota{Bytes: n}})
}

// start starts the process and makes sure that it does not outlive the test.
func (b *box) start() *Process {
	b.t.Helper()
	p, err := Start(context.Background(), b.Config)
	must(b.t, err)
	b.t.Cleanup(func() {
		b.PIDs.Kill()
		<-p.Done()
		for _, q := range b.PIDs.List() {
			<-q.Done()
		}
	})
	return p
}

// run runs the process to its end.
func (b *box) run() Exit {
	b.t.Helper()
	return wait(b.t, b.start())
}

func wait(t testing.TB, p *Process) Exit {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	x, err := p.Wait(ctx)
	if err != nil {
		p.Signal(sigKILL)
		t.Fatal("the process did not end")
	}
	return x
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b error) bool { return (a == nil) == (b == nil) })); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func text(lines ...string) string { return strings.Join(lines, "\n") + "\n" }
