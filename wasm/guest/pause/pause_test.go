package pause

import (
	"context"
	"errors"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"
)

// A kernel is the host pause asks: it sends the signals of the script.
type kernel struct {
	signals  []byte
	children int // that have ended
	written  string
	exited   bool
	code     uint32
}

// run runs the module until it exits.
func run(t *testing.T, k *kernel) (code uint32) {
	t.Helper()
	ctx := context.Background()
	rt := wazero.NewRuntime(ctx)
	defer rt.Close(ctx)
	_, err := rt.NewHostModuleBuilder("kubergarten").
		NewFunctionBuilder().WithFunc(func(_ context.Context, m api.Module, fd uint32) uint32 {
		m.Memory().WriteUint32Le(fd, 7)
		return 0
	}).Export("signalfd").
		NewFunctionBuilder().WithFunc(func(_ context.Context, _ api.Module, pid, flags, _, _ uint32) uint32 {
		if int32(pid) != -1 || flags != 1 {
			t.Errorf("proc_wait(%d, %d)", int32(pid), flags)
		}
		if k.children == 0 {
			return 12 // ECHILD
		}
		k.children--
		return 0
	}).Export("proc_wait").Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_, err = rt.NewHostModuleBuilder("wasi_snapshot_preview1").
		NewFunctionBuilder().WithFunc(func(_ context.Context, m api.Module, fd, iov, n, nread uint32) uint32 {
		if fd != 7 || n != 1 {
			t.Errorf("fd_read(%d, %d iovecs)", fd, n)
		}
		buf, _ := m.Memory().ReadUint32Le(iov)
		m.Memory().WriteByte(buf, k.signals[0])
		k.signals = k.signals[1:]
		m.Memory().WriteUint32Le(nread, 1)
		return 0
	}).Export("fd_read").
		NewFunctionBuilder().WithFunc(func(_ context.Context, m api.Module, fd, iov, _, _ uint32) uint32 {
		buf, _ := m.Memory().ReadUint32Le(iov)
		n, _ := m.Memory().ReadUint32Le(iov + 4)
		b, _ := m.Memory().Read(buf, n)
		k.written += string(b)
		return 0
	}).Export("fd_write").
		NewFunctionBuilder().WithFunc(func(ctx context.Context, m api.Module, code uint32) {
		k.exited, k.code = true, code
		_ = m.CloseWithExitCode(ctx, code)
		panic(sys.NewExitError(code))
	}).Export("proc_exit").Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_, err = rt.Instantiate(ctx, Module())
	var exit *sys.ExitError
	if err != nil && !errors.As(err, &exit) || !k.exited {
		t.Fatalf("it ended without exit: %v", err)
	}
	return k.code
}

func TestPause(t *testing.T) {
	for _, tt := range []struct {
		name    string
		signals []byte
		want    string
	}{
		{"TERM", []byte{15}, textTerm},
		{"INT", []byte{2}, textInt},
		{"children and a window before", []byte{17, 28, 17, 15}, textTerm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := &kernel{signals: tt.signals, children: 3}
			if code := run(t, k); code != 0 || k.written != tt.want {
				t.Errorf("code %d, %q", code, k.written)
			}
			if tt.signals[0] == 17 && k.children != 0 {
				t.Errorf("%d children not reaped", k.children)
			}
		})
	}
}
