package httpwire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A Field is one header line.
type Field struct{ Name, Value string }

// A Header keeps the lines in order.
type Header []Field

// Get returns the first value of a header, whatever its case.
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Has tells whether a comma-separated header names a token.
func (h Header) Has(name, token string) bool {
	for _, f := range h {
		if !strings.EqualFold(f.Name, name) {
			continue
		}
		for _, t := range strings.Split(f.Value, ",") {
			if strings.EqualFold(strings.TrimSpace(t), token) {
				return true
			}
		}
	}
	return false
}

// Add appends a line.
func (h *Header) Add(name, value string) { *h = append(*h, Field{name, value}) }

// Del removes a header.
func (h *Header) Del(name string) {
	kept := (*h)[:0]
	for _, f := range *h {
		if !strings.EqualFold(f.Name, name) {
			kept = append(kept, f)
		}
	}
	*h = kept
}

// Set replaces a header, where it stands if it is there.
func (h *Header) Set(name, value string) {
	for i, f := range *h {
		if strings.EqualFold(f.Name, name) {
			(*h)[i].Value = value
			return
		}
	}
	h.Add(name, value)
}

// The bounds of what is read.
const (
	maxLine    = 8 << 10
	maxHeaders = 100
)

var (
	// ErrTooLarge is a line or a header beyond bounds.
	ErrTooLarge = errors.New("header too large")
	// ErrMalformed is what is no HTTP.
	ErrMalformed = errors.New("malformed message")
)

// readLine reads a line without its end.
func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return "", ErrTooLarge
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil {
			if err == io.EOF && len(line) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return "", err
		}
		return strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"), nil
	}
}

func readHeader(r *bufio.Reader) (Header, error) {
	var h Header
	for {
		line, err := readLine(r)
		if err != nil {
			return nil, unexpected(err)
		}
		if line == "" {
			return h, nil
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" || strings.ContainsAny(name, " \t") {
			return nil, ErrMalformed
		}
		if len(h) == maxHeaders {
			return nil, ErrTooLarge
		}
		h.Add(name, strings.TrimSpace(value))
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// body is the reader of a message's body. whole says that the end of the
// connection ends the body.
func body(r *bufio.Reader, h Header, whole bool) (io.Reader, int64, error) {
	if h.Has("Transfer-Encoding", "chunked") {
		return &chunked{r: r}, -1, nil
	}
	if text := h.Get("Content-Length"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return nil, 0, ErrMalformed
		}
		return &limited{r: r, n: n}, n, nil
	}
	if whole {
		return r, -1, nil
	}
	return strings.NewReader(""), 0, nil
}

// limited is io.LimitedReader that knows an early end when it sees one.
type limited struct {
	r io.Reader
	n int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.n == 0 {
		return 0, io.EOF
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.n)])
	if l.n -= int64(n); l.n > 0 {
		err = unexpected(err)
	} else if err == nil {
		err = io.EOF
	}
	return n, err
}

// chunked reads a chunked body.
type chunked struct {
	r    *bufio.Reader
	left int64
	done bool
	used bool
}

func (c *chunked) Read(p []byte) (int, error) {
	if c.done {
		return 0, io.EOF
	}
	if c.left == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
		if c.done {
			return 0, io.EOF
		}
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, unexpected(err)
}

// next reads the line before a chunk, and what follows the last.
func (c *chunked) next() error {
	if c.used {
		if line, err := readLine(c.r); err != nil || line != "" {
			return fmt.Errorf("chunk: %w", ErrMalformed)
		}
	}
	c.used = true
	line, err := readLine(c.r)
	if err != nil {
		return unexpected(err)
	}
	size, _, _ := strings.Cut(line, ";")
	c.left, err = strconv.ParseInt(strings.TrimSpace(size), 16, 64)
	if err != nil || c.left < 0 {
		return fmt.Errorf("chunk: %w", ErrMalformed)
	}
	if c.left > 0 {
		return nil
	}
	c.done = true
	_, err = readHeader(c.r)
	return err
}
