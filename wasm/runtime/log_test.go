package runtime

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 5, time.UTC)

const stamp = "2026-01-02T12:00:00.000000005Z"

func TestLines(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	tests := map[string]struct {
		writes []string
		want   string
		flush  string
	}{
		"a line":               {[]string{"hello\n"}, stamp + " stdout F hello\n", ""},
		"two lines":            {[]string{"a\nb\n"}, stamp + " stdout F a\n" + stamp + " stdout F b\n", ""},
		"in pieces":            {[]string{"he", "ll", "o\nwor"}, stamp + " stdout F hello\n", stamp + " stdout P wor\n"},
		"empty lines":          {[]string{"\n\n"}, stamp + " stdout F \n" + stamp + " stdout F \n", ""},
		"as long as may be":    {[]string{long + "\n"}, stamp + " stdout F " + long + "\n", ""},
		"longer":               {[]string{long + "y\n"}, stamp + " stdout P " + long + "\n" + stamp + " stdout F y\n", ""},
		"longer, in pieces":    {[]string{long[:9000], long[:9000], "\n"}, stamp + " stdout P " + long + "\n" + stamp + " stdout F " + long[:18000-maxLine] + "\n", ""},
		"carriage return":      {[]string{"a\r\n"}, stamp + " stdout F a\r\n", ""},
		"nothing":              {[]string{""}, "", ""},
		"much longer, no line": {[]string{long + long + "z"}, stamp + " stdout P " + long + "\n" + stamp + " stdout P " + long + "\n", stamp + " stdout P z\n"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l := &lines{stream: "stdout"}
			var got []byte
			for _, w := range tc.writes {
				got = append(got, l.format(noon, []byte(w))...)
			}
			if diff := cmp.Diff(tc.want, string(got)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.flush, string(l.flush(noon))); diff != "" {
				t.Error("flush:", diff)
			}
		})
	}
}

// FuzzLines: whatever is written, in whatever pieces, can be read back.
func FuzzLines(f *testing.F) {
	f.Add([]byte("hello\nworld"), 3)
	f.Add(bytes.Repeat([]byte("x"), 40000), 1000)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		l := &lines{stream: "stdout"}
		var log []byte
		for at := 0; at < len(b); {
			n := min(max(size, 1), len(b)-at)
			log = append(log, l.format(noon, b[at:at+n])...)
			at += n
		}
		log = append(log, l.flush(noon)...)
		var got []byte
		for line := range bytes.Lines(log) {
			rest, ok := bytes.CutPrefix(line, []byte(stamp+" stdout "))
			if !ok || len(rest) > maxLine+3 {
				t.Fatalf("line %q", line)
			}
			text := rest[2:]
			if rest[0] == 'P' {
				text = text[:len(text)-1]
			}
			got = append(got, text...)
		}
		if !bytes.Equal(got, b) {
			t.Errorf("wrote %q, read %q", b, got)
		}
	})
}

func TestLogFile(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	l, err := openLog(root, "/var/log/pods/p/c/0.log", clocktesting.NewFakeClock(noon), 10)
	must(t, err)
	read := func(name string) string {
		b, _ := os.ReadFile(filepath.Join(dir, "var/log/pods/p/c", name))
		return string(b)
	}
	must(t, l.write([]byte("one\n")))
	must(t, os.Rename(filepath.Join(dir, l.path), filepath.Join(dir, l.path+".20260102-120000"))) // as the kubelet does
	must(t, l.write([]byte("two\n")))
	must(t, l.reopen())
	must(t, l.write([]byte("three\n")))
	if a, b := read("0.log.20260102-120000"), read("0.log"); a != "one\ntwo\n" || b != "three\n" {
		t.Errorf("%q and %q", a, b)
	}
	must(t, l.write([]byte("four\nfive\n"))) // beyond its size
	if a, b := read("0.log.1"), read("0.log"); a != "three\n" || b != "four\nfive\n" {
		t.Errorf("%q and %q", a, b)
	}
	l.close()
	l.close()
	if err := l.write([]byte("six\n")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestBucket(t *testing.T) {
	c := clocktesting.NewFakeClock(noon)
	b := newBucket(c, 1000)
	steps := []struct {
		step time.Duration
		take int64
		wait time.Duration
	}{
		{0, 600, 0},
		{0, 400, 0},
		{0, 500, 500 * time.Millisecond},
		{500 * time.Millisecond, 100, 100 * time.Millisecond},
		{time.Hour, 1000, 0}, // no more than a second's worth is held
		{0, 1, time.Millisecond},
	}
	for i, s := range steps {
		c.Step(s.step)
		if got := max(b.owe(s.take), 0); got != s.wait {
			t.Errorf("step %d: wait %v, want %v", i, got, s.wait)
		}
	}
}

func TestFloodWaits(t *testing.T) {
	c := clocktesting.NewFakeClock(noon)
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	log, err := openLog(root, "log", c, 1<<30)
	must(t, err)
	o := &output{clock: c, log: log, bucket: newBucket(c, 1<<20), streams: map[string]*lines{}, attached: map[*relay]string{}}
	defer o.close()
	s := o.stream("stdout")
	ctx, cancel := context.WithCancel(t.Context())
	wrote := make(chan int)
	go func() {
		n, _ := s.WriteContext(ctx, bytes.Repeat([]byte("x\n"), 1<<20))
		wrote <- n
	}()
	for !c.HasWaiters() {
		runtime.Gosched()
	}
	st, err := os.Stat(filepath.Join(dir, "log"))
	must(t, err)
	if size := st.Size(); size < 1<<19 || size > 1<<20 {
		t.Errorf("%d bytes in the log", size)
	}
	cancel() // killed
	if n := <-wrote; int64(n) != st.Size()/cost([]byte("x\n"))*2 {
		t.Errorf("%d bytes were taken, %d are in the log", n, st.Size())
	}
}
