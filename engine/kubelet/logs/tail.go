package logs

// Upstream: pkg/util/tail/tail.go

import (
	"bytes"
	"io"
	"math"
	"os"
	"strings"
)

// block is how much is read at a time when a file is read backwards.
const block = 4096

// tailStart returns where the last n lines of f begin.
func tailStart(f *os.File, n int64) (int64, error) {
	if n < 0 {
		return 0, nil
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || n == 0 {
		return size, err
	}
	buf := make([]byte, block)
	seen := int64(0)
	for end := size; end > 0; {
		begin := max(0, end-block)
		b := buf[:end-begin]
		if _, err := f.ReadAt(b, begin); err != nil && err != io.EOF {
			return 0, err
		}
		for i := len(b) - 1; i >= 0; i-- {
			// The newline at the very end ends the last line, it does not begin one.
			if b[i] == '\n' && begin+int64(i) != size-1 {
				if seen++; seen == n {
					return begin + int64(i) + 1, nil
				}
			}
		}
		end = begin
	}
	return 0, nil
}

// Tail returns the end of a log, at most so many lines and bytes; nothing if it
// cannot be read.
func Tail(root *os.Root, path string, lines, most int64) string {
	f, err := root.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	at, err := tailStart(f, lines)
	if err != nil {
		return ""
	}
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return ""
	}
	var out bytes.Buffer
	r := &reader{opts: Options{}, out: &out, left: math.MaxInt64, file: f}
	_, _ = r.drain() // what could be read
	s := out.String()
	return strings.Clone(s[max(0, int64(len(s))-most):])
}
