package logs

// Upstream: k8s.io/cri-client/pkg/logs/logs.go (ReadLogs)

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/kubelet/fswatch"
)

// Options say which part of a log is wanted.
type Options struct {
	Tail       int64 // lines from the end; negative: all
	Bytes      int64 // negative: all
	Since      time.Time
	Follow     bool
	Timestamps bool
	Stream     string // "Stdout", "Stderr", or all
}

// NewOptions reads what the API's options ask for.
func NewOptions(o *corev1.PodLogOptions, now time.Time) Options {
	opts := Options{Tail: -1, Bytes: -1, Follow: o.Follow, Timestamps: o.Timestamps}
	if o.TailLines != nil {
		opts.Tail = *o.TailLines
	}
	if o.LimitBytes != nil {
		opts.Bytes = *o.LimitBytes
	}
	if o.SinceSeconds != nil {
		opts.Since = now.Add(-time.Duration(*o.SinceSeconds) * time.Second)
	}
	if o.SinceTime != nil && o.SinceTime.After(opts.Since) {
		opts.Since = o.SinceTime.Time
	}
	if o.Stream != nil {
		opts.Stream = *o.Stream
	}
	return opts
}

// A Log is one container's log file.
type Log struct {
	Root    *os.Root
	RootDir string // the real path of Root; empty: changes are looked for by the clock
	Path    string // below Root
	Files   *fswatch.Hub
	Clock   clock.Clock
	// Ended is closed when the container writes no more.
	Ended <-chan struct{}
}

// Read copies what the options select to out until it is all there, or, if they
// say to follow, until the container has ended or ctx is done.
func (l *Log) Read(ctx context.Context, o Options, out io.Writer) error {
	f, err := l.Root.Open(l.Path)
	if err != nil {
		return fmt.Errorf("failed to try resolving symlinks in path %q: %w", "/"+l.Path, err)
	}
	r := &reader{log: l, opts: o, out: out, left: o.Bytes, file: f}
	defer func() { _ = r.file.Close() }()
	if o.Bytes < 0 {
		r.left = math.MaxInt64
	}
	at, err := tailStart(f, o.Tail)
	if err != nil {
		return err
	}
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return err
	}
	if !o.Follow {
		_, err := r.drain()
		return err
	}
	return r.follow(ctx)
}

// reader is one reading of a log.
type reader struct {
	log  *Log
	opts Options
	out  io.Writer
	left int64
	file *os.File
	part []byte // of a line whose rest has not been written yet
	mid  bool   // the last text was a part: no timestamp before the next
}

// drain copies what is there now; more is false once the limit is reached.
func (r *reader) drain() (more bool, err error) {
	in := bufio.NewReader(r.file)
	for r.left > 0 {
		b, err := in.ReadBytes('\n')
		if err == io.EOF {
			r.part = append(r.part, b...)
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if len(r.part) > 0 {
			b, r.part = append(r.part, b...), nil
		}
		if err := r.line(b); err != nil {
			return false, err
		}
	}
	return false, nil
}

// line writes one line, if it is wanted.
func (r *reader) line(b []byte) error {
	l, err := Parse(b)
	if err != nil {
		return nil // as upstream: what is no log line is skipped
	}
	if l.Time.Before(r.opts.Since) || r.opts.Stream != "" && r.opts.Stream != corev1.LogStreamAll && !sameStream(l.Stream, r.opts.Stream) {
		return nil
	}
	text := l.Text
	if r.opts.Timestamps && !r.mid {
		text = append([]byte(l.Time.Format(rfc3339NanoFixed)+" "), text...)
	}
	r.mid = l.Partial
	text = text[:min(int64(len(text)), r.left)]
	r.left -= int64(len(text))
	_, err = r.out.Write(text)
	return err
}

// rfc3339NanoFixed has all nine digits, so that timestamps line up.
const rfc3339NanoFixed = "2006-01-02T15:04:05.000000000Z07:00"

func sameStream(have, want string) bool { return bytes.EqualFold([]byte(have), []byte(want)) }

// lookAgain is how often a file is looked at that the host cannot watch.
const lookAgain = time.Second

// follow copies what comes.
func (r *reader) follow(ctx context.Context) error {
	changed := make(chan struct{}, 1)
	stop := r.log.watch(changed)
	defer stop()
	for {
		ended := isClosed(r.log.Ended) // asked before reading: what it wrote last is read
		more, err := r.drain()
		if err != nil || !more {
			return err
		}
		if again, err := r.reopen(); err != nil || again {
			if err != nil {
				return err
			}
			continue
		}
		if ended {
			return nil
		}
		select {
		case <-changed:
		case <-r.log.Ended:
		case <-ctx.Done():
			return nil
		}
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// watch makes changed tell of changes of the file.
func (l *Log) watch(changed chan struct{}) (stop func()) {
	tell := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	if l.Files != nil && l.RootDir != "" {
		stop, err := l.Files.Watch(filepath.Join(l.RootDir, filepath.FromSlash(path.Dir(l.Path))), func(string) { tell() })
		if err == nil {
			return stop
		}
	}
	t := l.Clock.NewTicker(lookAgain)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-t.C():
				tell()
			case <-done:
				return
			}
		}
	}()
	return func() { t.Stop(); close(done) }
}

// reopen goes on in the new file if the one being read was rotated away.
func (r *reader) reopen() (bool, error) {
	is, err := r.log.Root.Stat(r.log.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // between the rename and the runtime's new file
	}
	if err != nil {
		return false, err
	}
	was, err := r.file.Stat()
	if err != nil || os.SameFile(was, is) {
		return false, err
	}
	if _, err := r.drain(); err != nil { // what came before the rename
		return false, err
	}
	f, err := r.log.Root.Open(r.log.Path)
	if err != nil {
		return false, err
	}
	_ = r.file.Close()
	r.file, r.part = f, nil
	return true, nil
}
