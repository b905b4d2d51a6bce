package host

import (
	"context"
	"encoding/binary"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"k8s.io/utils/clock"

	"kubergarten/wasm/host/vfs"
)

// memoryModule exports a memory of two pages and nothing else.
var memoryModule = []byte("\x00asm\x01\x00\x00\x00\x05\x03\x01\x00\x02\x07\x0a\x01\x06memory\x02\x00")

// hasty is a clock whose timers fire at once, and then it is that late.
type hasty struct {
	clock.WithTickerAndDelayedExecution
	now atomic.Int64
}

func (h *hasty) Now() time.Time                  { return time.Unix(1e9, h.now.Load()) }
func (h *hasty) Since(t time.Time) time.Duration { return h.Now().Sub(t) }

func (h *hasty) NewTimer(d time.Duration) clock.Timer {
	t := &hastyTimer{h: h, c: make(chan time.Time, 1)}
	t.Reset(d)
	return t
}

type hastyTimer struct {
	h *hasty
	c chan time.Time
}

func (t *hastyTimer) C() <-chan time.Time { return t.c }
func (t *hastyTimer) Stop() bool          { return true }

func (t *hastyTimer) Reset(d time.Duration) bool {
	t.h.now.Add(int64(max(d, 1)))
	select {
	case t.c <- t.h.Now():
	default:
	}
	return true
}

// caller is a process without a guest: the test makes its calls.
func caller(t testing.TB) *Process {
	t.Helper()
	na, _ := pods(t)
	fs := vfs.New(vfs.Config{Quota: vfs.Quota{Bytes: 1 << 20, Inodes: 100}})
	v := fs.View(0, vfs.Cred{})
	must(t, v.MkdirAll("/tmp", 0o1777))
	must(t, v.WriteFile("/tmp/f", []byte("contents"), 0o644))
	cfg := Config{
		FS: fs, Net: na, Clock: &hasty{}, PIDs: NewPIDs(), Hostname: "pod", Args: []string{"a", "b"}, Env: []string{"C=d"}, Path: "/tmp/f",
		Loader: func(context.Context, string, vfs.View) (*Program, error) { return nil, ErrNoExec },
	}.withDefaults()
	must(t, fs.Mount("/proc", Proc(ProcConfig{PIDs: cfg.PIDs, FS: fs, Net: na, Clock: cfg.Clock}), false))
	p := &Process{cfg: cfg, begun: cfg.Clock.Now(), wakeup: make(chan struct{}, 1), done: make(chan struct{}), base: context.Background()}
	p.dying, p.killed = context.WithCancel(context.Background())
	must(t, cfg.PIDs.add(p))
	p.view = fs.View(p.pid, cfg.Cred)
	for i, d := range cfg.streams() {
		p.install(i, d)
	}
	must(t, p.openRoot())
	p.mem.Memory = aMemory(t)
	return p
}

func aMemory(t testing.TB) api.Memory {
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	mod, err := rt.Instantiate(ctx, memoryModule)
	must(t, err)
	t.Cleanup(func() { rt.Close(ctx) })
	return mod.Memory()
}

// do makes a call and reports whether the process lives on.
func (p *Process) do(t testing.TB, f function, a args) (e errno, lives bool) {
	defer func() {
		r := recover()
		var d *dying
		if err, is := r.(error); is && errors.As(err, &d) {
			lives = false
		} else if r != nil {
			t.Fatalf("%s(%v): %v", f.name, a, r)
		}
	}()
	watchdog := time.AfterFunc(50*time.Millisecond, func() { p.die(bySignal(sigKILL)) })
	defer watchdog.Stop()
	return f.call(p, a), true
}

// cleanUp ends a caller.
func (p *Process) cleanUp() {
	p.closeFDs()
	p.killed()
}

func allFunctions() []function { return append(wasiFunctions(), ownFunctions()...) }

// TestBadPointers calls every function with all parameters out of bounds.
func TestBadPointers(t *testing.T) {
	for _, bad := range []uint64{1<<32 - 1, 131072, 131071, 1<<63 | 131070} {
		for _, f := range allFunctions() {
			if f.name == "proc_exit" || f.name == "proc_raise" || f.name == "kill" {
				continue
			}
			p := caller(t)
			a := make(args, max(len(f.params), 1))
			for i := range a {
				a[i] = bad
			}
			e, lives := p.do(t, f, a)
			if len(f.params) > 0 && e == ok && f.name != "sched_yield" {
				t.Errorf("%s(%#x...) succeeded", f.name, bad)
			}
			if !lives {
				t.Errorf("%s(%#x...) ended the process", f.name, bad)
			}
			p.cleanUp()
		}
	}
}

// FuzzCalls makes calls with random parameters over a memory that holds useful
// things. Nothing that a guest asks for may panic the host.
func FuzzCalls(f *testing.F) {
	table := allFunctions()
	for i := range table {
		f.Add([]byte{byte(i), 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, byte(i), 0, 9, 16, 17, 1, 1, 1, 1, 1})
	}
	f.Add([]byte("\x20\x03\x01\x10\x08\x11\x09\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, script []byte) {
		p := caller(t)
		defer p.cleanUp()
		furnish(p, script)
		for calls := 0; len(script) > 0 && calls < 30; calls++ {
			fn := table[int(script[0])%len(table)]
			script = script[1:]
			a := make(args, max(len(fn.params), 1))
			for i := range a {
				var b byte
				if len(script) > 0 {
					b, script = script[0], script[1:]
				}
				a[i] = argument(b, script)
			}
			if _, lives := p.do(t, fn, a); !lives {
				return
			}
		}
	})
}

// argument makes a parameter of a byte: a small number, a good pointer, or
// nonsense.
func argument(b byte, more []byte) uint64 {
	switch {
	case b < 64:
		return uint64(b)
	case b < 192:
		return uint64(b) << 6 // a pointer into what furnish has laid out
	case b < 224:
		return 1<<64 - 1 - uint64(b-192)
	}
	var raw [8]byte
	copy(raw[:], more)
	return binary.LittleEndian.Uint64(raw[:])
}

// furnish fills the caller's memory: paths, requests, buffers, subscriptions.
func furnish(p *Process, script []byte) {
	all, _ := p.mem.Read(0, p.mem.Size())
	put := func(at int, b []byte) { copy(all[at:], b) }
	for i := 4096; i < 12288; i += 64 {
		binary.LittleEndian.PutUint32(all[i:], uint32(i+16)) // an iov, or an address: pointer and length
		binary.LittleEndian.PutUint32(all[i+4:], 18)
		binary.LittleEndian.PutUint16(all[i+16:], 1)
		copy(all[i+18:], []byte{127, 0, 0, 1})
	}
	put(4160, []byte("/tmp/f"))
	put(4224, []byte("/proc/self/fd/0"))
	put(4288, []byte(`{"path":"/tmp/f","args":["x"],"dir":"/","fds":[0,1,2]}`))
	put(4352, []byte("localhost"))
	put(8192, script)
}
