package host

import (
	"strings"
	"testing"
	"time"

	"kubergarten/wasm/host/vfs"
)

// procBox is a container with /proc, in which a process sleeps as PID 1.
func procBox(t testing.TB) *box {
	b := newBox(t, "sleep", "1h")
	b.Env = []string{"A=b"}
	na, _ := pods(t)
	b.Net = na
	must(t, b.FS.Mount("/proc", Proc(ProcConfig{
		PIDs: b.PIDs, FS: b.FS, Net: na, Clock: b.Clock, Hostname: "pod-1",
		Machine: Machine{Boot: b.Clock.Now().Add(-time.Hour), CPUs: 2, Memory: 1 << 30},
	}), false))
	b.start()
	return b
}

func (b *box) runMore(args ...string) string {
	b.t.Helper()
	b.out.Reset()
	b.err.Reset()
	b.Args = append([]string{"guest"}, args...)
	wait(b.t, b.start())
	return b.out.String() + b.err.String()
}

func TestProc(t *testing.T) {
	b := procBox(t)
	for _, tt := range []struct{ file, has string }{
		{"/proc/1/cmdline", "guest\x00sleep\x001h\x00"},
		{"/proc/1/comm", "guest\n"},
		{"/proc/1/environ", "A=b\x00"},
		{"/proc/1/status", "Name:\tguest\n"},
		{"/proc/1/status", "Pid:\t1\nPPid:\t0\n"},
		{"/proc/1/stat", "1 (guest) S 0 1 1 0 -1 "},
		{"/proc/self/cmdline", "guest\x00cat\x00"},
		{"/proc/uptime", "36"},
		{"/proc/stat", "cpu1 "},
		{"/proc/meminfo", "MemTotal:        1048576 kB\n"},
		{"/proc/cpuinfo", "processor\t: 1\n"},
		{"/proc/mounts", "proc /proc proc rw,relatime 0 0\n"},
		{"/proc/loadavg", "/2 "},
		{"/proc/version", "Linux version"},
		{"/proc/net/tcp", "local_address"},
		{"/proc/sys/kernel/hostname", "pod-1\n"},
	} {
		t.Run(tt.file, func(t *testing.T) {
			if got := b.runMore("cat", tt.file); !strings.Contains(got, tt.has) {
				t.Errorf("%q does not contain %q", got, tt.has)
			}
		})
	}
	want(t, "files of a process", b.runMore("ls", "/proc/1/fd"), text("[0 1 2 3]"))
	if got := b.runMore("cat", "/proc/99/stat"); !strings.Contains(got, "No such file") {
		t.Errorf("a process that is not there: %q", got)
	}
	if f := strings.Fields(b.runMore("cat", "/proc/1/stat")); len(f) != 52 {
		t.Errorf("stat has %d fields", len(f))
	}
}

func TestStandardStreamsByName(t *testing.T) {
	b := procBox(t)
	want(t, "standard output", b.runMore("append", "/dev/stdout", "through the file\n"), "through the file\n")
	want(t, "standard error", b.runMore("write", "/proc/self/fd/2", "x"), "x")
	want(t, "null", b.runMore("append", "/dev/null", "x"), "")
	in, w := Pipe()
	b.Stdin = in
	_, _ = w.Write([]byte("input"))
	w.Close()
	want(t, "standard input", b.runMore("cat", "/dev/stdin"), "input")
	b.Stdin = nil
	if got := b.runMore("cat", "/proc/1/fd/1"); !strings.Contains(got, "Permission denied") {
		t.Errorf("another's descriptor: %q", got)
	}
	if got := b.runMore("cat", "/dev/tty"); !strings.Contains(got, "No such device or address") {
		t.Errorf("no terminal: %q", got)
	}
}

func TestScripts(t *testing.T) {
	b := procBox(t)
	v := b.FS.View(0, vfs.Cred{})
	must(t, v.WriteFile("/bin/script", []byte("#!/bin/guest echo\nx"), 0o755))
	must(t, v.WriteFile("/bin/loop", []byte("#!/bin/loop\n"), 0o755))
	b.Path = "/bin/script"
	want(t, "script", b.runMore("a", "b"), text("/bin/script a b"))
	b.Path = "/bin/loop"
	_, err := Start(t.Context(), b.Config)
	want(t, "loop", err.Error(), "start /bin/loop: exec format error")
}

func TestLookPath(t *testing.T) {
	b := newBox(t)
	v := b.FS.View(0, vfs.Cred{})
	for _, tt := range []struct{ name, path, err string }{
		{"guest", "/bin/guest", ""},
		{"/bin/guest", "/bin/guest", ""},
		{"bin/guest", "/bin/guest", ""},
		{"nope", "", "no such file or directory"},
		{"/etc/passwd", "/etc/passwd", "permission denied"},
		{"passwd", "", "permission denied"},
	} {
		path, err := LookPath(v, tt.name, "/", []string{"PATH=/usr/bin:/bin:/etc"})
		want(t, tt.name, path, tt.path)
		got := ""
		if err != nil {
			got = err.Error()
		}
		want(t, tt.name+"'s error", got, tt.err)
	}
}
