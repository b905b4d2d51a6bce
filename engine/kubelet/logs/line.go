package logs

// Upstream: k8s.io/cri-client/pkg/logs/logs.go (parseCRILog)

import (
	"bytes"
	"fmt"
	"time"
)

// A Line is one line of a log file.
type Line struct {
	Time    time.Time
	Stream  string // "stdout" or "stderr"
	Partial bool
	Text    []byte // with its newline, unless partial
}

// Parse reads one line of a log file, with or without its newline. Text is a
// part of b.
func Parse(b []byte) (l Line, err error) {
	stamp, rest, ok := bytes.Cut(b, []byte{' '})
	if !ok {
		return l, fmt.Errorf("timestamp is not found")
	}
	if l.Time, err = time.Parse(time.RFC3339Nano, string(stamp)); err != nil {
		return l, fmt.Errorf("unexpected timestamp format %q: %w", time.RFC3339Nano, err)
	}
	stream, rest, ok := bytes.Cut(rest, []byte{' '})
	if !ok {
		return l, fmt.Errorf("stream type is not found")
	}
	if l.Stream = string(stream); l.Stream != "stdout" && l.Stream != "stderr" {
		return l, fmt.Errorf("unexpected stream type %q", l.Stream)
	}
	tags, rest, ok := bytes.Cut(rest, []byte{' '})
	if !ok {
		return l, fmt.Errorf("log tag is not found")
	}
	first, _, _ := bytes.Cut(tags, []byte{':'})
	l.Partial = string(first) == "P"
	if l.Partial {
		rest = bytes.TrimSuffix(rest, []byte{'\n'})
	} else if !bytes.HasSuffix(rest, []byte{'\n'}) {
		rest = append(rest[:len(rest):len(rest)], '\n')
	}
	l.Text = rest
	return l, nil
}
