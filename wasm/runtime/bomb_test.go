package runtime

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	ocispec "github.com/google/go-containerregistry/pkg/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func loopback(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

func newPipe() (near, far net.Conn) { return net.Pipe() }

// module is a WASI command: one page of memory that may grow, and functions of
// type () -> (), of which the first is _start.
func module(codes ...[]byte) []byte {
	leb := func(n int) (b []byte) {
		for ; n >= 0x80; n >>= 7 {
			b = append(b, byte(n)|0x80)
		}
		return append(b, byte(n))
	}
	section := func(id byte, body []byte) []byte { return append(append([]byte{id}, leb(len(body))...), body...) }
	code := leb(len(codes))
	for _, c := range codes {
		f := append(append([]byte{0}, c...), 0x0b)
		code = append(append(code, leb(len(f))...), f...)
	}
	return bytes.Join([][]byte{
		[]byte("\x00asm\x01\x00\x00\x00"),
		section(1, []byte{1, 0x60, 0, 0}),
		section(3, append(leb(len(codes)), make([]byte, len(codes))...)),
		section(5, []byte{1, 0, 1}),
		section(7, []byte("\x02\x06memory\x02\x00\x06_start\x00\x00")),
		section(10, code),
	}, nil)
}

// doubling is 45 functions that each call the next one twice.
func doubling() (codes [][]byte) {
	for i := range byte(45) {
		codes = append(codes, []byte{0x10, i + 1, 0x10, i + 1})
	}
	return append(codes, nil)
}

// TestBombs lets loose what would freeze or kill a naive host.
func TestBombs(t *testing.T) {
	l := newLab(t)
	fills := bytes.Repeat([]byte{0x41, 0, 0x41, 1, 0x41, 0x80, 0x80, 0x80, 0x80, 0x04, 0xfc, 11, 0}, 2000) // of 1 GiB
	growAndFill := append([]byte{0x41, 0xf0, 0x03, 0x40, 0, 0x1a}, bytes.Repeat([]byte{0x41, 0, 0x41, 1, 0x41, 0x80, 0x80, 0x80, 0x0e, 0xfc, 11, 0}, 2000)...)
	bombs := map[string]struct {
		wasm   []byte
		code   int32 // it ends by itself with that; -1: it must be killed
		reason string
		logs   string
	}{
		"loop":      {wasm: module([]byte{0x03, 0x40, 0x0c, 0, 0x0b}), code: -1},
		"doubling":  {wasm: module(doubling()...), code: -1},
		"fills":     {wasm: module(fills), code: 139, reason: "Error", logs: "out of bounds memory access"},
		"bulk":      {wasm: module(growAndFill), code: -1},
		"grow":      {wasm: module([]byte{0x03, 0x40, 0x41, 1, 0x40, 0, 0x1a, 0x0c, 0, 0x0b}), code: 137, reason: "OOMKilled"},
		"recursion": {wasm: module([]byte{0x10, 0}), code: 139, reason: "Error", logs: "stack overflow"},
		"trap":      {wasm: module([]byte{0x00}), code: 139, reason: "Error", logs: "unreachable"},
	}
	pod := l.pod()
	for name, tc := range bombs {
		t.Run(name, func(t *testing.T) {
			l.bring("bomb/"+name, tc.wasm)
			quota := int64(0)
			if tc.code < 0 {
				quota = 20_000
			}
			id := l.start(pod, "", of("bomb/"+name), limits(quota, 64<<20))
			if tc.code < 0 {
				c, _ := l.container(id)
				for c.cpu.Usage() < 5*time.Millisecond { // it burns, and others live
					runtime.GC()
				}
				at := time.Now()
				must(t, l.StopContainer(t.Context(), id, 0))
				t.Logf("died in %v", time.Since(at))
				tc.code, tc.reason = 137, "Error"
			}
			got := l.end(id)
			if got.ExitCode != tc.code || got.Reason != tc.reason {
				t.Errorf("ended with %d, %s; want %d, %s", got.ExitCode, got.Reason, tc.code, tc.reason)
			}
			if logs := l.logs(id); !strings.Contains(logs, tc.logs) {
				t.Errorf("log is %q", logs)
			}
		})
	}
}

// TestRefusedBombs never get to the compiler.
func TestRefusedBombs(t *testing.T) {
	newLab(t)
	nested := append(bytes.Repeat([]byte{0x02, 0x40}, 100_000), bytes.Repeat([]byte{0x0b}, 100_000)...)
	_, err := shared.store.Import("bomb/nested", module(nested), ocispec.Config{})
	if err == nil || !strings.HasSuffix(err.Error(), "blocks nested deeper than 1000") {
		t.Errorf("got %v", err)
	}
}

func TestThrottling(t *testing.T) {
	l := newLab(t)
	id := l.start(l.pod(), "spin", limits(10_000, 0)) // 100m
	c, _ := l.container(id)
	for c.cpu.Throttling().Throttled < 2 {
		time.Sleep(time.Millisecond)
	}
	stats, err := l.ContainerStats(t.Context(), id)
	must(t, err)
	if used := time.Duration(stats.GetCpu().GetUsageCoreNanoSeconds().GetValue()); used < 10*time.Millisecond {
		t.Errorf("used %v of the CPU", used)
	}
	must(t, l.UpdateContainerResources(t.Context(), id, &v1.ContainerResources{Linux: &v1.LinuxContainerResources{CpuQuota: 5_000, CpuPeriod: 100_000}}))
	if got := l.status(id).GetResources().GetLinux().GetCpuQuota(); got != 5_000 {
		t.Errorf("quota is %d", got)
	}
	must(t, l.StopContainer(t.Context(), id, 0)) // also while it waits
}

func TestOOM(t *testing.T) {
	l := newLab(t)
	pod := l.pod()
	if got := l.end(l.start(pod, "eat", limits(0, 32<<20))); got.ExitCode != 137 || got.Reason != "OOMKilled" {
		t.Errorf("ended with %d, %s", got.ExitCode, got.Reason)
	}
	if got := l.end(l.start(pod, "exit 0", limits(0, 1<<20))); got.ExitCode != 137 || got.Reason != "OOMKilled" {
		t.Errorf("with too little to begin with: ended with %d, %s", got.ExitCode, got.Reason)
	}
	id := l.start(pod, "sleep 1h", limits(0, 32<<20))
	if _, code := l.exec(id, "eat"); code != 137 {
		t.Errorf("exec ended with %d", code)
	}
	if got := l.end(id); got.ExitCode != 137 || got.Reason != "OOMKilled" { // the whole container, as with memory.oom.group
		t.Errorf("ended with %d, %s", got.ExitCode, got.Reason)
	}
}

func TestManyFiles(t *testing.T) {
	l := newLab(t)
	id := l.start(l.pod(), "open")
	if got := l.end(id); got.ExitCode != 0 || l.logs(id) != "stdout F true open /etc/passwd: Too many open files\n" {
		t.Errorf("ended with %d: %q", got.ExitCode, l.logs(id))
	}
}

func TestLogFlood(t *testing.T) {
	l := newLab(t, func(c *Config) { c.LogRate = 64 << 10 })
	pod := l.pod()
	id := l.start(pod, "flood")
	path := l.dir + l.status(id).LogPath
	for size := int64(0); size < 64<<10; time.Sleep(time.Millisecond) { // the bucket is empty then, nearly
		if st, err := os.Stat(path); err == nil {
			size = st.Size()
		}
	}
	must(t, l.StopContainer(t.Context(), id, 0)) // also while it waits
	st, err := os.Stat(path)
	must(t, err)
	if st.Size() > 10<<20 {
		t.Errorf("%d bytes of log", st.Size())
	}
}

func TestGuestPanics(t *testing.T) {
	l := newLab(t)
	id := l.start(l.pod(), "panic")
	if got := l.end(id); got.ExitCode != 2 || !strings.Contains(l.logs(id), "stderr F panic: as told") {
		t.Errorf("ended with %d: %q", got.ExitCode, l.logs(id))
	}
}
