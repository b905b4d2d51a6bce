package etcd

import (
	"bytes"
	"errors"
	"strconv"
)

// The file of buntdb is a series of frames, each a SET command in the protocol of
// Redis:
//
//	*3\r\n$3\r\nset\r\n$17\r\nr000000000000002a\r\n$5\r\nvalue\r\n
//
// frameHead is how each begins.
const frameHead = "*3\r\n$3\r\nset\r\n$"

// Longest key of a user, of an entry, and longest value of an entry.
const (
	maxKey   = 64 << 10
	maxName  = 17
	maxValue = 64 << 20
)

// What parseFrame found instead of a frame.
var (
	errFrame = errors.New("not a frame")
	errShort = errors.New("the frame ends too early")
)

// appendFrame appends e to buf as buntdb would.
func appendFrame(buf []byte, e entry) []byte {
	buf = append(buf, frameHead...)
	buf = append(strconv.AppendInt(buf, int64(len(e.key)), 10), "\r\n"...)
	buf = append(append(buf, e.key...), "\r\n$"...)
	buf = append(strconv.AppendInt(buf, int64(len(e.value)), 10), "\r\n"...)
	return append(append(buf, e.value...), "\r\n"...)
}

// parseFrame reads the frame at the beginning of data, and says how long it is.
func parseFrame(data []byte) (key, value []byte, size int, err error) {
	rest, err := literal(data, frameHead)
	if err != nil {
		return nil, nil, 0, err
	}
	if key, rest, err = bulk(rest, maxName); err != nil {
		return nil, nil, 0, err
	}
	if rest, err = literal(rest, "$"); err != nil {
		return nil, nil, 0, err
	}
	if value, rest, err = bulk(rest, maxValue); err != nil {
		return nil, nil, 0, err
	}
	return key, value, len(data) - len(rest), nil
}

// literal takes want off the front of data.
func literal(data []byte, want string) (rest []byte, err error) {
	if n := min(len(want), len(data)); string(data[:n]) != want[:n] {
		return nil, errFrame
	} else if n < len(want) {
		return nil, errShort
	}
	return data[len(want):], nil
}

// bulk takes a length, at most limit, and so many bytes off the front of data.
func bulk(data []byte, limit int) (b, rest []byte, err error) {
	const longest = 12 // of a line with a length
	line, _, ok := bytes.Cut(data[:min(len(data), longest)], []byte("\r\n"))
	if !ok {
		return nil, nil, shortUnless(len(data) >= longest || !digits(bytes.TrimSuffix(line, []byte("\r"))))
	}
	n, err := strconv.Atoi(string(line))
	if err != nil || n < 0 || n > limit || strconv.Itoa(n) != string(line) {
		return nil, nil, errFrame
	}
	after := data[len(line)+2:]
	if len(after) < n+2 {
		return nil, nil, errShort
	}
	if string(after[n:n+2]) != "\r\n" {
		return nil, nil, errFrame
	}
	return after[:n], after[n+2:], nil
}

func digits(line []byte) bool {
	return len(bytes.Trim(line, "0123456789")) == 0
}

func shortUnless(wrong bool) error {
	if wrong {
		return errFrame
	}
	return errShort
}
