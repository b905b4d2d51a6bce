package host

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"kubergarten/wasm/host/vfs"
)

// nativeBox is a container whose processes are native, but for the first, which
// does nothing.
func nativeBox(t testing.TB, run func(context.Context, Command) int, args ...string) *box {
	t.Helper()
	b := newBox(t, "sleep", "1h")
	b.start()
	b.Args = append([]string{"native"}, args...)
	b.Loader = func(context.Context, string, vfs.View) (*Program, error) { return &Program{Native: run}, nil }
	return b
}

// onTTY puts the process on a terminal.
func (b *box) onTTY() *TTY {
	tty := NewTTY(80, 24)
	b.Stdin, b.Stdout, b.Stderr, b.TTY = tty, tty, tty, tty
	return tty
}

func mustType(t testing.TB, tty *TTY, keys string) {
	t.Helper()
	_, err := io.WriteString(tty, keys)
	must(t, err)
}

func TestNative(t *testing.T) {
	b := nativeBox(t, func(_ context.Context, c Command) int {
		fmt.Fprintln(c.Stdout, c.Args, c.Env, c.Dir, c.TTY, c.Rows, c.Cols)
		fmt.Fprintln(c.Stderr, "warning")
		return 7
	}, "get", "pods")
	b.Env, b.Dir = []string{"A=b"}, "/tmp"
	want(t, "exit", b.run(), Exit{Code: 7, Reason: "Error"})
	want(t, "output", b.out.String(), text("[native get pods] [A=b] /tmp false 0 0"))
	want(t, "errors", b.err.String(), text("warning"))
}

func TestNativePipes(t *testing.T) {
	upper := func(_ context.Context, c Command) int {
		for s := bufio.NewScanner(c.Stdin); s.Scan(); {
			fmt.Fprintln(c.Stdout, strings.ToUpper(s.Text()))
		}
		return 0
	}
	b := nativeBox(t, upper)
	in, typed := Pipe()
	out, w := Pipe()
	b.Stdin, b.Stdout = in, w
	p := b.start()
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 20_000 { // more than both pipes hold
			fmt.Fprintln(typed, "hello")
		}
		typed.Close()
	})
	got, err := io.ReadAll(out)
	must(t, err)
	want(t, "bytes", len(got), 6*20_000)
	want(t, "output", string(got) == strings.Repeat("HELLO\n", 20_000), true)
	wg.Wait()
	want(t, "code", wait(t, p).Code, 0)
}

func TestNativeBrokenPipe(t *testing.T) {
	b := nativeBox(t, func(ctx context.Context, c Command) int {
		for {
			if _, err := io.WriteString(c.Stdout, "y\n"); err != nil {
				<-ctx.Done()
				return 0
			}
		}
	})
	r, w := Pipe()
	b.Stdout = w
	p := b.start()
	expect(t, r, "y\ny\n")
	r.Close()
	want(t, "exit", wait(t, p), Exit{Code: 141, Signal: 13, Reason: "Error"})
}

// TestNativeWaitsForRoom holds that a slow reader holds the program up.
func TestNativeWaitsForRoom(t *testing.T) {
	full := make(chan struct{})
	b := nativeBox(t, func(_ context.Context, c Command) int {
		io.WriteString(c.Stdout, strings.Repeat("x", pipeMax))
		close(full)
		io.WriteString(c.Stdout, "more")
		return 0
	})
	r, w := Pipe()
	b.Stdout = w
	p := b.start()
	<-full
	select {
	case <-p.Done():
		t.Fatal("the program wrote more than there is room for")
	default:
	}
	got, err := io.ReadAll(r)
	must(t, err)
	want(t, "bytes", len(got), pipeMax+4)
	wait(t, p)
}

func TestNativeFullDisk(t *testing.T) {
	b := nativeBox(t, func(_ context.Context, c Command) int {
		_, err := c.Stdout.Write(make([]byte, 100<<10))
		fmt.Fprintln(c.Stderr, err)
		return 0
	})
	b.FS = quota(t, 64<<10)
	f, err := b.FS.View(0, vfs.Cred{}).Open("/tmp/f", vfs.Write|vfs.Create, 0o644)
	must(t, err)
	b.Stdout = fileStream{&file{f: f}}
	want(t, "code", b.run().Code, 1)
	want(t, "errors", b.err.String(), text("no space left on device", "native: write error: No space left on device"))
}

// fileStream lets a test redirect.
type fileStream struct{ f *file }

func (s fileStream) object() object { return s.f }

func TestNativeEndsBySignals(t *testing.T) {
	for sig, code := range map[int]int{sigINT: 130, sigTERM: 143, sigKILL: 137, sigHUP: 129} {
		t.Run(fmt.Sprint(sig), func(t *testing.T) {
			ready, ended := make(chan struct{}), make(chan error, 1)
			b := nativeBox(t, func(ctx context.Context, c Command) int {
				close(ready)
				_, err := c.Stdin.Read(make([]byte, 1)) // does not wait for ever
				<-ctx.Done()
				ended <- err
				return 0
			})
			in, typed := Pipe()
			defer typed.Close()
			b.Stdin = in
			p := b.start()
			<-ready
			p.Signal(sig)
			want(t, "exit", wait(t, p), Exit{Code: code, Signal: sig, Reason: "Error"})
			want(t, "error of the reader", <-ended, io.ErrClosedPipe)
		})
	}
}

func TestNativeStopAndContinue(t *testing.T) {
	b := nativeBox(t, func(_ context.Context, c Command) int {
		_, _ = io.Copy(c.Stdout, c.Stdin)
		return 0
	})
	in, typed := Pipe()
	r, w := Pipe()
	b.Stdin, b.Stdout = in, w
	p := b.start()
	p.Signal(sigSTOP)
	want(t, "state", string(b.PIDs.state(p)), "T")
	io.WriteString(typed, "late\n")
	p.Signal(sigCONT)
	expect(t, r, "late\n")
	want(t, "state", string(b.PIDs.state(p)), "S")
	typed.Close()
	want(t, "code", wait(t, p).Code, 0)
}

// TestNativeLeavesInput holds that a program that does not read leaves what is
// there to the next, and that one that reads takes nothing after its end.
func TestNativeLeavesInput(t *testing.T) {
	var late io.Reader
	b := nativeBox(t, func(_ context.Context, c Command) int {
		if c.Stdin == nil {
			return 3
		}
		late = c.Stdin
		_, _ = io.ReadFull(c.Stdin, make([]byte, 2))
		return 0
	})
	in, typed := Pipe()
	io.WriteString(typed, "abcdef")
	b.Stdin = shared{in}
	wait(t, b.start())
	if n, err := late.Read(make([]byte, 1)); n != 0 || err != io.ErrClosedPipe {
		t.Errorf("after the end %d bytes, %v", n, err)
	}
	rest := make([]byte, 10)
	n, _ := in.p.tryRead(rest)
	want(t, "rest", string(rest[:n]), "cdef")

	io.WriteString(typed, "gh")
	run := b.Loader
	b.Loader = func(ctx context.Context, path string, v vfs.View) (*Program, error) {
		p, err := run(ctx, path, v)
		p.Reads = func(args []string) bool { return len(args) > 1 }
		return p, err
	}
	want(t, "code without input", wait(t, b.start()).Code, 3)
	n, _ = in.p.tryRead(rest)
	want(t, "rest", string(rest[:n]), "gh")
}

// TestNativeWritesNothingLate holds that what a program has left behind does not
// write any more once it has returned, be it that it was killed.
func TestNativeWritesNothingLate(t *testing.T) {
	for name, killed := range map[string]bool{"by itself": false, "killed": true} {
		t.Run(name, func(t *testing.T) {
			var out, errs io.Writer
			b := nativeBox(t, func(ctx context.Context, c Command) int {
				out, errs = c.Stdout, c.Stderr
				fmt.Fprint(out, "in time")
				if killed {
					<-ctx.Done()
				}
				return 0
			})
			tty := b.onTTY()
			p := b.start()
			expect(t, tty, "in time")
			if killed {
				p.Signal(sigTERM)
			}
			wait(t, p)
			for _, w := range []io.Writer{out, errs} {
				if n, err := io.WriteString(w, "late"); n != 0 || err != io.ErrClosedPipe {
					t.Errorf("after the end %d bytes, %v", n, err)
				}
			}
			rest, err := io.ReadAll(tty)
			must(t, err)
			want(t, "rest", string(rest), "")
		})
	}
}

// TestNativeLogsPanics holds that a stream's bug is not lost.
func TestNativeLogsPanics(t *testing.T) {
	b := nativeBox(t, func(_ context.Context, c Command) int {
		_, err := io.WriteString(c.Stdout, "x")
		fmt.Fprintln(c.Stderr, err)
		return 0
	})
	var log bytes.Buffer
	b.Log = slog.New(slog.NewTextHandler(&log, nil))
	b.Stdout = Writer(broken{})
	b.run()
	want(t, "errors", b.err.String(), text(io.ErrClosedPipe.Error()))
	want(t, "logged", strings.Contains(log.String(), "a bug"), true)
}

// broken is a writer with a bug.
type broken struct{}

func (broken) Write([]byte) (int, error) { panic("a bug") }

// shared is a pipe that a shell holds too.
type shared struct{ r *PipeReader }

func (s shared) object() object { return kept{s.r} }

type kept struct{ *PipeReader }

func (kept) close() {}

func TestNativeOnATerminal(t *testing.T) {
	sizes := make(chan [2]int)
	b := nativeBox(t, func(_ context.Context, c Command) int {
		fmt.Fprintf(c.Stdout, "tty %v %d %d\r\n", c.TTY, c.Rows, c.Cols)
		key := make([]byte, 1)
		_, _ = c.Stdin.Read(key)
		fmt.Fprintf(c.Stdout, "key %q\n", key) // no \r: nobody adds one
		sizes <- <-c.Resize
		return 130
	})
	tty := b.onTTY()
	p := b.start()
	expect(t, tty, "tty true 24 80\r\n")
	want(t, "raw", isRaw(tty), true)
	mustType(t, tty, "\x03")
	expect(t, tty, "key \"\\x03\"\n")
	tty.Resize(100, 30)
	want(t, "size", <-sizes, [2]int{30, 100})
	want(t, "code", wait(t, p).Code, 130)
	want(t, "raw", isRaw(tty), false)
}

func TestNativeKilledOnATerminalRestoresIt(t *testing.T) {
	b := nativeBox(t, func(ctx context.Context, c Command) int {
		fmt.Fprint(c.Stdout, "on\r\n")
		<-ctx.Done()
		return 0
	})
	tty := b.onTTY()
	p := b.start()
	expect(t, tty, "on\r\n")
	p.Signal(sigKILL)
	wait(t, p)
	want(t, "raw", isRaw(tty), false)
}

func isRaw(t *TTY) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.line.mode == modeRaw
}

// TestNativeInterrupted is `logs -f` and ^C: a program that does not read is on
// a terminal as it is, and dies from what is typed.
func TestNativeInterrupted(t *testing.T) {
	b := nativeBox(t, func(ctx context.Context, c Command) int {
		fmt.Fprintln(c.Stdout, "tty", c.TTY, c.Stdin == nil)
		<-ctx.Done()
		return 0
	})
	run := b.Loader
	b.Loader = func(ctx context.Context, path string, v vfs.View) (*Program, error) {
		p, err := run(ctx, path, v)
		p.Reads = func([]string) bool { return false }
		return p, err
	}
	tty := b.onTTY()
	p := b.start()
	expect(t, tty, "tty false true\r\n")
	want(t, "raw", isRaw(tty), false)
	mustType(t, tty, "\x03")
	want(t, "exit", wait(t, p), Exit{Code: 130, Signal: 2, Reason: "Error"})
}

func TestNativeInTheBackground(t *testing.T) {
	b := nativeBox(t, func(_ context.Context, c Command) int {
		fmt.Fprintln(c.Stdout, "tty", c.TTY, c.Stdin == nil)
		return 0
	})
	b.background = true
	tty := b.onTTY()
	p := b.start()
	expect(t, tty, "tty false true\r\n")
	wait(t, p)
}

func TestNativeOnHalfATerminal(t *testing.T) {
	b := nativeBox(t, func(_ context.Context, c Command) int {
		fmt.Fprintln(c.Stdout, "tty", c.TTY)
		_, _ = io.Copy(c.Stdout, c.Stdin)
		return 0
	})
	tty := b.onTTY()
	in, typed := Pipe()
	b.Stdin = in
	p := b.start()
	expect(t, tty, "tty false\r\n")
	io.WriteString(typed, "from a file\n")
	typed.Close()
	expect(t, tty, "from a file\r\n")
	wait(t, p)
}

func TestNativeCrash(t *testing.T) {
	b := nativeBox(t, func(context.Context, Command) int { panic("oh") })
	want(t, "code", b.run().Code, 139)
	want(t, "errors", b.err.String(), text("panic: oh"))
}

// TestNativeReapsOrphans holds that the children of a native process 1 do not
// stay as zombies.
func TestNativeReapsOrphans(t *testing.T) {
	b := newBox(t, "orphan")
	guests := b.Loader
	b.Loader = func(context.Context, string, vfs.View) (*Program, error) {
		return &Program{Native: func(ctx context.Context, _ Command) int { <-ctx.Done(); return 0 }}, nil
	}
	init := b.start()
	b.Loader = guests
	wait(t, b.start())
	kid, found := b.PIDs.Lookup(3)
	want(t, "the child lives", found, true)
	want(t, "its parent", b.PIDs.parentOf(kid), 1)
	kid.Signal(sigTERM)
	wait(t, kid)
	want(t, "processes", len(b.PIDs.List()), 1)
	init.Signal(sigKILL)
	wait(t, init)
}

func TestNativeProc(t *testing.T) {
	b := nativeBox(t, func(ctx context.Context, _ Command) int { <-ctx.Done(); return 0 }, "get", "-w")
	p := b.start()
	text, err := b.FS.View(1, vfs.Cred{}).ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.PID()), 1<<10)
	must(t, err)
	want(t, "command line", string(text), "native\x00get\x00-w\x00")
	p.Signal(sigTERM)
	wait(t, p)
}
