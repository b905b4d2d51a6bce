package host

import (
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	testclock "k8s.io/utils/clock/testing"
)

// expect reads from r until it has seen what it waits for.
func expect(t testing.TB, r io.Reader, what string) {
	t.Helper()
	var got strings.Builder
	b := make([]byte, 1)
	for !strings.HasSuffix(got.String(), what) {
		if _, err := r.Read(b); err != nil {
			t.Fatalf("waiting for %q, got %q: %v", what, got.String(), err)
		}
		got.Write(b)
	}
}

func TestKillWorksAtOnce(t *testing.T) {
	hold, _ := Pipe()
	tests := []struct {
		name  string
		args  []string
		stdin Stream
		ready string
	}{
		{"that loops", []string{"spin"}, nil, ""},
		{"that sleeps", []string{"sleep", "1h"}, nil, ""},
		{"that reads", []string{"read"}, hold, ""},
		{"that waits for a child", []string{"run", "/bin/guest", "sleep", "1h"}, nil, ""},
		{"that waits for signals", []string{"catch"}, nil, "ready\n"},
	}
	for _, tt := range tests {
		t.Run("a process "+tt.name, func(t *testing.T) {
			b := newBox(t, tt.args...)
			b.Stdin = tt.stdin
			var r *PipeReader
			if tt.ready != "" {
				r, b.Stdout = pipeOut()
			}
			p := b.start()
			if r != nil {
				expect(t, r, tt.ready)
			}
			p.Signal(sigKILL)
			want(t, "exit", wait(t, p), Exit{Code: 137, Signal: 9, Reason: "Error"})
		})
	}
}

func pipeOut() (*PipeReader, Stream) {
	r, w := Pipe()
	return r, w
}

func TestContextEndKills(t *testing.T) {
	b := newBox(t, "sleep", "1h")
	ctx, cancel := context.WithCancel(context.Background())
	p, err := Start(ctx, b.Config)
	must(t, err)
	cancel()
	want(t, "code", wait(t, p).Code, 137)
}

func TestSignals(t *testing.T) {
	t.Run("process 1 without a handler ignores TERM", func(t *testing.T) {
		b := newBox(t, "sleep", "30ms")
		p := b.start()
		p.Signal(sigTERM)
		p.Signal(sigINT)
		want(t, "exit", wait(t, p), Exit{Reason: "Completed"})
	})
	t.Run("others die from it", func(t *testing.T) {
		b := newBox(t, "sleep", "1h")
		b.start()
		p := b.start()
		p.Signal(sigWINCH)
		p.Signal(sigTERM)
		want(t, "exit", wait(t, p), Exit{Code: 143, Signal: 15, Reason: "Error"})
	})
	t.Run("caught", func(t *testing.T) {
		b := newBox(t, "catch")
		r, w := Pipe()
		b.Stdout = w
		p := b.start()
		expect(t, r, "ready\n")
		p.Signal(sigHUP)
		expect(t, r, "got 1\n")
		p.Signal(sigTERM)
		expect(t, r, "got 15\n")
		want(t, "exit", wait(t, p), Exit{Code: 7, Reason: "Error"})
	})
	t.Run("default although a signalfd is open", func(t *testing.T) {
		b := newBox(t, "sleep", "1h")
		b.start()
		b.Args = []string{"guest", "catch", "15"}
		r, w := Pipe()
		b.Stdout = w
		p := b.start()
		expect(t, r, "ready\n")
		p.Signal(sigTERM)
		want(t, "code", wait(t, p).Code, 143)
	})
	t.Run("stop and continue", func(t *testing.T) {
		b := newBox(t, "sleep", "1h")
		b.start()
		b.Args = []string{"guest", "catch"}
		r, w := Pipe()
		b.Stdout = w
		p := b.start()
		expect(t, r, "ready\n")
		p.Signal(sigSTOP)
		p.Signal(sigHUP)
		want(t, "state", string(b.PIDs.state(p)), "T")
		p.Signal(sigCONT)
		expect(t, r, "got 1\n")
		p.Signal(sigSTOP)
		p.Signal(sigKILL)
		want(t, "code", wait(t, p).Code, 137)
	})
	t.Run("by kill", func(t *testing.T) {
		b := newBox(t, "sleep", "1h")
		b.start()
		for _, tt := range []struct {
			pid, sig, out string
		}{{"1", "0", "0"}, {"1", "9", "0"}, {"77", "0", "71"}, {"1", "77", "28"}} {
			b.Args = []string{"guest", "signal", tt.pid, tt.sig}
			b.out.Reset()
			wait(t, b.start())
			want(t, tt.pid+" "+tt.sig, b.out.String(), text(tt.out))
		}
		want(t, "processes", len(b.PIDs.List()), 1)
	})
}

func TestEndOfProcess1KillsAll(t *testing.T) {
	b := newBox(t, "orphan")
	p := b.start()
	var kid *Process
	wait(t, p)
	for _, q := range b.PIDs.List() {
		kid = q
		<-q.Done()
	}
	if kid != nil {
		want(t, "the child's end", kid.Exit().Code, 137)
	}
	if _, err := Start(context.Background(), b.Config); err == nil {
		t.Error("a process started in a namespace without process 1")
	}
}

func TestOrphansBecomeChildrenOfProcess1(t *testing.T) {
	b := newBox(t, "sleep", "1h")
	init := b.start()
	b.Args = []string{"guest", "orphan"}
	p := b.start()
	wait(t, p)
	kid, found := b.PIDs.Lookup(3)
	want(t, "the child lives", found, true)
	want(t, "its parent", b.PIDs.parentOf(kid), 1)
	kid.Signal(sigTERM)
	wait(t, kid)
	want(t, "zombie", string(b.PIDs.state(kid)), "Z")
	init.Signal(sigKILL)
	wait(t, init)
	want(t, "all are gone", len(b.PIDs.List()), 0)
}

func TestLimits(t *testing.T) {
	t.Run("processes", func(t *testing.T) {
		b := newBox(t, "run", "/bin/guest", "exit", "0")
		b.Limits.Processes = 1
		x := b.run()
		want(t, "code", x.Code, 1)
		want(t, "error", b.err.String(), text("spawn: errno 6"))
	})
	t.Run("descriptors", func(t *testing.T) {
		b := newBox(t, "pipeline")
		b.Limits.FDs = 5
		want(t, "code", b.run().Code, 1)
		want(t, "error", b.err.String(), text("pipe: errno 33"))
	})
	t.Run("disk", func(t *testing.T) {
		b := newBox(t, "lines", "100000")
		b.FS = quota(t, 64<<10)
		b.Args = []string{"guest", "write", "/tmp/f", strings.Repeat("x", 100<<10)}
		want(t, "code", b.run().Code, 1)
		want(t, "error", b.err.String(), text("write /tmp/f: No space left on device"))
	})
}

func TestBrokenPipe(t *testing.T) {
	b := newBox(t, "sleep", "1h")
	b.start()
	b.Args = []string{"guest", "yes"}
	r, w := Pipe()
	b.Stdout = w
	p := b.start()
	expect(t, r, "y\ny\n")
	r.Close()
	want(t, "exit", wait(t, p), Exit{Code: 141, Signal: 13, Reason: "Error"})
}

func TestInjectedClock(t *testing.T) {
	b := newBox(t, "time")
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	clk := testclock.NewFakeClock(at)
	b.Clock = clk
	b.run()
	want(t, "time", b.out.String(), text("2030-01-02T03:04:05Z"))

	b = newBox(t, "sleep", "1h")
	b.Clock = clk
	p := b.start()
	for !clk.HasWaiters() {
		select {
		case <-p.Done():
			t.Fatal("did not wait for the clock")
		default:
			time.Sleep(time.Millisecond)
		}
	}
	clk.Step(time.Hour)
	want(t, "code", wait(t, p).Code, 0)
}

func TestStreams(t *testing.T) {
	t.Run("pipes", func(t *testing.T) {
		b := newBox(t, "read")
		in, w := Pipe()
		r, out := Pipe()
		b.Stdin, b.Stdout = in, out
		p := b.start()
		_, err := io.WriteString(w, "a\nb\n")
		must(t, err)
		must(t, w.Close())
		got, err := io.ReadAll(r)
		must(t, err)
		want(t, "output", string(got), "<a>\n<b>\n")
		wait(t, p)
	})
	t.Run("much", func(t *testing.T) {
		b := newBox(t, "cat")
		in, w := Pipe()
		r, out := Pipe()
		b.Stdin, b.Stdout = in, out
		p := b.start()
		data := strings.Repeat("0123456789abcdef", 1<<16)
		var wg sync.WaitGroup
		wg.Go(func() {
			_, _ = io.WriteString(w, data)
			w.Close()
		})
		got, err := io.ReadAll(r)
		must(t, err)
		if string(got) != data {
			t.Error("what came is not what was sent")
		}
		wg.Wait()
		wait(t, p)
	})
	t.Run("a writer that blocks", func(t *testing.T) {
		b := newBox(t, "echo", "x")
		began := make(chan struct{})
		b.Stdout = Writer(blocking{began})
		p := b.start()
		<-began
		p.Signal(sigKILL)
		want(t, "code", wait(t, p).Code, 137)
	})
	t.Run("non-blocking input", func(t *testing.T) {
		b := newBox(t, "watch")
		in, w := Pipe()
		b.Stdin = in
		p := b.start()
		_, err := io.WriteString(w, "hey")
		must(t, err)
		wait(t, p)
		want(t, "output", b.out.String(), text(`"hey" <nil>`))
		want(t, "errors", b.err.String(), "")
	})
}

// blocking is a writer that waits for the end of its context.
type blocking struct{ began chan struct{} }

func (b blocking) Write([]byte) (int, error) { panic("not called") }

func (b blocking) WriteContext(ctx context.Context, _ []byte) (int, error) {
	close(b.began)
	<-ctx.Done()
	return 0, os.ErrDeadlineExceeded
}

func TestCrash(t *testing.T) {
	b := newBox(t, "panic")
	x := b.run()
	want(t, "code", x.Code, 2)
	if !strings.HasPrefix(b.err.String(), "panic: oh") {
		t.Errorf("errors: %s", b.err.String())
	}
}

func TestPipesAreFew(t *testing.T) {
	n := NewPIDs()
	var ends []io.Closer
	for range pipesHard {
		r, w, e := n.pipe()
		want(t, "error", e, ok)
		ends = append(ends, r, w)
	}
	want(t, "full size", ends[0].(*PipeReader).p.max, pipeMax)
	want(t, "small", ends[len(ends)-2].(*PipeReader).p.max, pipeAtomic)
	_, _, e := n.pipe()
	want(t, "one too many", e, eMFILE)
	for _, end := range ends {
		end.Close()
		end.Close()
	}
	want(t, "left", n.pipes.Load(), int32(0))
}
