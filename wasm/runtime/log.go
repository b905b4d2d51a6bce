package runtime

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"sync"
	"time"

	"kubergarten/engine/clock"
)

// Upstream: containerd internal/cri/io/logger.go.

// maxLine is how long a line of a log may be; what is longer is cut.
const maxLine = 16 << 10

// logFile is a container's log on the node, in CRI's format. A nil *logFile
// swallows everything.
type logFile struct {
	root  *os.Root
	path  string // in root
	clock clock.Clock
	most  int64 // bytes

	mu   sync.Mutex
	f    *os.File // nil once closed
	size int64
}

func openLog(root *os.Root, name string, c clock.Clock, most int64) (*logFile, error) {
	l := &logFile{root: root, path: rel(name), clock: c, most: most}
	if err := root.MkdirAll(path.Dir(l.path), 0o755); err != nil {
		return nil, fmt.Errorf("failed to create container log directory: %w", err)
	}
	return l, l.open()
}

// open opens the file, in place of the one that is open. mu is held, or nobody
// else knows l yet.
func (l *logFile) open() error {
	f, err := l.root.OpenFile(l.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o640)
	if err != nil {
		return fmt.Errorf("failed to open log file: %w", err)
	}
	l.size = 0
	if st, err := f.Stat(); err == nil {
		l.size = st.Size()
	}
	if l.f != nil {
		_ = l.f.Close()
	}
	l.f = f
	return nil
}

// reopen opens the file anew, after it was renamed.
func (l *logFile) reopen() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return os.ErrClosed
	}
	return l.open()
}

// write appends whole lines. If the kubelet does not rotate, we do, before the
// node's disk is full.
func (l *logFile) write(b []byte) error {
	if l == nil || len(b) == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return os.ErrClosed
	}
	if l.size > 0 && l.size+int64(len(b)) > l.most {
		_ = l.root.Rename(l.path, l.path+".1") // if that cannot be, the old one goes on
		if err := l.open(); err != nil {
			return err
		}
	}
	n, err := l.f.Write(b)
	l.size += int64(n)
	return err
}

func (l *logFile) close() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f != nil {
		_ = l.f.Close()
		l.f = nil
	}
}

// lines makes lines of a log of what a stream brings.
type lines struct {
	stream string
	rest   []byte // of a line that is not at its end
}

// format returns the lines that p completes: F ends a line, P is a part of one.
func (s *lines) format(now time.Time, p []byte) []byte {
	stamp := now.UTC().AppendFormat(nil, time.RFC3339Nano)
	var out []byte
	for len(p) > 0 {
		line, rest, ended := bytes.Cut(p, []byte{'\n'})
		if room := maxLine - len(s.rest); len(line) > room {
			s.rest = append(s.rest, line[:room]...)
			out = s.entry(out, stamp, 'P')
			p = p[room:]
			continue
		}
		s.rest = append(s.rest, line...)
		if ended {
			out = s.entry(out, stamp, 'F')
		}
		p = rest
	}
	return out
}

// flush returns what is left at the end.
func (s *lines) flush(now time.Time) []byte {
	if len(s.rest) == 0 {
		return nil
	}
	return s.entry(nil, now.UTC().AppendFormat(nil, time.RFC3339Nano), 'P')
}

// entry appends the line in rest.
func (s *lines) entry(out, stamp []byte, tag byte) []byte {
	out = append(append(out, stamp...), ' ')
	out = append(append(out, s.stream...), ' ', tag, ' ')
	out = append(append(out, s.rest...), '\n')
	s.rest = s.rest[:0]
	return out
}
