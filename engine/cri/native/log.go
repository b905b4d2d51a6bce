package native

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"sync"
	"time"
)

// maxLine is the longest line of a log file; longer ones come in parts.
const maxLine = 16 << 10

// logFile is a container's log, in CRI's format. What is written to it while it
// is not open is lost, but still heard by those who listen.
type logFile struct {
	root *os.Root
	path string // below root
	now  func() time.Time

	mu        sync.Mutex
	file      *os.File
	listeners map[chan chunk]struct{}
}

// chunk is what was written at once.
type chunk struct {
	stream string
	data   []byte
}

func newLogFile(root *os.Root, virtual string, now func() time.Time) *logFile {
	return &logFile{root: root, path: strings.TrimPrefix(path.Clean(virtual), "/"), now: now, listeners: map[chan chunk]struct{}{}}
}

// open opens the file, anew if it is open.
func (l *logFile) open() error {
	if err := l.root.MkdirAll(path.Dir(l.path), 0o755); err != nil {
		return err
	}
	f, err := l.root.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_ = l.file.Close()
	}
	l.file = f
	return nil
}

func (l *logFile) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_ = l.file.Close()
		l.file = nil
	}
}

// listen gives what is written from now on; who is slow misses some.
func (l *logFile) listen() (<-chan chunk, func()) {
	c := make(chan chunk, 64)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listeners[c] = struct{}{}
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.listeners, c)
	}
}

// stream returns the writer for stdout or stderr.
func (l *logFile) stream(name string) io.Writer { return &logStream{log: l, name: name} }

type logStream struct {
	log  *logFile
	name string

	mu   sync.Mutex
	rest []byte // of a line that has not ended
}

// Write implements io.Writer: whole lines are written, what follows the last
// waits for its end or for maxLine.
func (s *logStream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.say(chunk{s.name, bytes.Clone(p)})
	s.rest = append(s.rest, p...)
	var out bytes.Buffer
	stamp := s.log.now().UTC().Format(time.RFC3339Nano)
	for {
		i := bytes.IndexByte(s.rest, '\n')
		tag, end, skip := "F", i, 1
		switch {
		case i > maxLine || i < 0 && len(s.rest) > maxLine:
			tag, end, skip = "P", maxLine, 0
		case i < 0:
			return len(p), s.log.write(out.Bytes())
		}
		fmt.Fprintf(&out, "%s %s %s %s\n", stamp, s.name, tag, s.rest[:end])
		s.rest = s.rest[end+skip:]
	}
}

func (l *logFile) say(c chunk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ch := range l.listeners {
		select {
		case ch <- c:
		default:
		}
	}
}

func (l *logFile) write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	_, err := l.file.Write(b)
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
