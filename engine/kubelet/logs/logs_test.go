package logs

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"

	"kubergarten/engine/kubelet/fswatch"
)

const sample = `2026-11-20T12:00:00.000000001Z stdout F one
2026-11-20T12:00:01Z stderr F two
2026-11-20T12:00:02.5Z stdout P thr
2026-11-20T12:00:02.6Z stdout F ee
this is no log line
2026-11-20T12:00:03Z stdout F four
`

// dir is a log directory with one log.
func dir(t *testing.T, text string) *Log {
	t.Helper()
	d := t.TempDir()
	root, err := os.OpenRoot(d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	if err := root.WriteFile("0.log", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return &Log{Root: root, RootDir: d, Path: "0.log", Files: fswatch.New(), Clock: clock.RealClock{}}
}

func TestRead(t *testing.T) {
	n := func(i int64) *int64 { return &i }
	now := time.Date(2026, 11, 20, 12, 0, 4, 0, time.UTC)
	stderr := corev1.LogStreamStderr
	for name, tt := range map[string]struct {
		opts corev1.PodLogOptions
		want string
	}{
		"all":        {corev1.PodLogOptions{}, "one\ntwo\nthree\nfour\n"},
		"tail":       {corev1.PodLogOptions{TailLines: n(1)}, "four\n"},
		"tail none":  {corev1.PodLogOptions{TailLines: n(0)}, ""},
		"tail many":  {corev1.PodLogOptions{TailLines: n(100)}, "one\ntwo\nthree\nfour\n"},
		"since":      {corev1.PodLogOptions{SinceSeconds: n(2)}, "three\nfour\n"},
		"limit":      {corev1.PodLogOptions{LimitBytes: n(6)}, "one\ntw"},
		"timestamps": {corev1.PodLogOptions{Timestamps: true, TailLines: n(5)}, "2026-11-20T12:00:01.000000000Z two\n2026-11-20T12:00:02.500000000Z three\n2026-11-20T12:00:03.000000000Z four\n"},
		"stream":     {corev1.PodLogOptions{Stream: &stderr}, "two\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := dir(t, sample).Read(t.Context(), NewOptions(&tt.opts, now), &out); err != nil {
				t.Fatal(err)
			}
			if out.String() != tt.want {
				t.Errorf("got %q, want %q", out.String(), tt.want)
			}
		})
	}
}

// safe is a buffer that tells of each write.
type safe struct {
	mu    sync.Mutex
	b     bytes.Buffer
	wrote chan struct{}
}

func (s *safe) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.wrote <- struct{}{} }()
	return s.b.Write(p)
}

func (s *safe) until(t *testing.T, want string) {
	t.Helper()
	for {
		s.mu.Lock()
		got := s.b.String()
		s.mu.Unlock()
		if got == want {
			return
		}
		select {
		case <-s.wrote:
		case <-time.After(20 * time.Second):
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func appendTo(t *testing.T, root *os.Root, text string) {
	t.Helper()
	f, err := root.OpenFile("0.log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestFollowThroughRotation(t *testing.T) {
	l := dir(t, "2026-11-20T12:00:00Z stdout F one\n")
	ended := make(chan struct{})
	l.Ended = ended
	out := &safe{wrote: make(chan struct{}, 100)}
	done := make(chan error, 1)
	go func() { done <- l.Read(context.Background(), Options{Tail: -1, Bytes: -1, Follow: true}, out) }()
	out.until(t, "one\n")
	appendTo(t, l.Root, "2026-11-20T12:00:01Z stdout F tw")
	appendTo(t, l.Root, "o\n")
	out.until(t, "one\ntwo\n")
	reopen := func(context.Context) error { appendTo(t, l.Root, ""); return nil }
	if err := Rotate(t.Context(), l.Root, "0.log", 1, 2, time.Now(), reopen); err != nil {
		t.Fatal(err)
	}
	appendTo(t, l.Root, "2026-11-20T12:00:02Z stdout F three\n")
	out.until(t, "one\ntwo\nthree\n")
	close(ended)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestRotateKeepsFew(t *testing.T) {
	l := dir(t, strings.Repeat("x", 100))
	reopen := func(context.Context) error { return l.Root.WriteFile("0.log", []byte(strings.Repeat("y", 100)), 0o600) }
	for i := range 5 {
		if err := Rotate(t.Context(), l.Root, "0.log", 100, 3, time.Unix(int64(i), 0), reopen); err != nil {
			t.Fatal(err)
		}
	}
	f, err := l.Root.Open(".")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	names, err := f.Readdirnames(-1)
	if err != nil || len(names) != 3 {
		t.Errorf("files %v, %v, want 3", names, err)
	}
	if err := Rotate(t.Context(), l.Root, "0.log", 101, 3, time.Unix(9, 0), reopen); err != nil {
		t.Fatal(err)
	}
}

func TestTailText(t *testing.T) {
	l := dir(t, sample)
	if got := Tail(l.Root, "0.log", 2, 100); got != "four\n" {
		t.Errorf("got %q", got)
	}
	if got := Tail(l.Root, "0.log", 80, 3); got != "ur\n" {
		t.Errorf("got %q", got)
	}
	if got := Tail(l.Root, "no.log", 80, 3); got != "" {
		t.Errorf("got %q", got)
	}
}

// TestTailStart compares reading backwards with reading forwards.
func TestTailStart(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	text := b.String()
	l := dir(t, text)
	f, err := l.Root.Open("0.log")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	for _, n := range []int{1, 2, 10, 500, 1000, 2999, 3000, 4000} {
		at, err := tailStart(f, int64(n))
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Join(lines[max(0, len(lines)-n):], "") + "\n"
		if text[at:] != want {
			t.Errorf("tail %d begins at %d", n, at)
		}
	}
}

func FuzzParse(f *testing.F) {
	for line := range strings.Lines(sample) {
		f.Add([]byte(line))
	}
	f.Add([]byte("2026-11-20T12:00:00Z stdout P:x "))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Parse(b)
		if err != nil {
			return
		}
		if l.Stream != "stdout" && l.Stream != "stderr" {
			t.Errorf("stream %q", l.Stream)
		}
		if !l.Partial && !bytes.HasSuffix(l.Text, []byte{'\n'}) {
			t.Errorf("text %q has no end", l.Text)
		}
	})
}
