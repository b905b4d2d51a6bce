package fuel

import (
	"errors"
	"fmt"
)

// errShort reports a module that ends in the middle of something.
var errShort = errors.New("unexpected end")

// errInt reports an integer that is longer than its type allows.
var errInt = errors.New("integer too large")

// reader walks over bytes. After its first error it stays where it is and
// returns zeros, so that callers may look at err once, after a step.
type reader struct {
	b   []byte
	p   int
	err error
}

// fail keeps the first error and moves to the end, so that loops end.
func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.p = len(r.b)
}

func (r *reader) more() bool { return r.err == nil && r.p < len(r.b) }

func (r *reader) u8() byte {
	if r.p >= len(r.b) {
		r.fail(errShort)
		return 0
	}
	c := r.b[r.p]
	r.p++
	return c
}

// u32 reads an unsigned LEB128 of 32 bits.
func (r *reader) u32() uint32 {
	if r.p < len(r.b) && r.b[r.p] < 0x80 { // nearly always
		r.p++
		return uint32(r.b[r.p-1])
	}
	var v uint32
	for s := 0; s < 35; s += 7 {
		c := r.u8()
		if s == 28 && c > 0x0f {
			break
		}
		v |= uint32(c&0x7f) << s
		if c < 0x80 {
			return v
		}
	}
	r.fail(errInt)
	return 0
}

// s64 reads a signed LEB128 of at most size bytes.
func (r *reader) s64(size int) int64 {
	var v int64
	for i, s := 0, 0; i < size; i, s = i+1, s+7 {
		c := r.u8()
		v |= int64(c&0x7f) << s
		if c < 0x80 {
			if s += 7; c&0x40 != 0 && s < 64 {
				v |= -1 << s
			}
			return v
		}
	}
	r.fail(errInt)
	return 0
}

// take returns the next n bytes.
func (r *reader) take(n uint32) []byte {
	if uint64(n) > uint64(len(r.b)-r.p) {
		r.fail(errShort)
		return nil
	}
	b := r.b[r.p : r.p+int(n)]
	r.p += int(n)
	return b
}

func (r *reader) skip(n uint32) { r.take(n) }

func (r *reader) name() string { return string(r.take(r.u32())) }

// count reads the length of a vector whose elements take at least a byte each.
func (r *reader) count() uint32 {
	n := r.u32()
	if uint64(n) > uint64(len(r.b)-r.p) {
		r.fail(fmt.Errorf("%w: a vector of %d in %d bytes", errShort, n, len(r.b)-r.p))
		return 0
	}
	return n
}

// appendU32 appends v as an unsigned LEB128.
func appendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// appendS64 appends v as a signed LEB128.
func appendS64(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

// appendBytes appends b with its length before it.
func appendBytes(to, b []byte) []byte { return append(appendU32(to, uint32(len(b))), b...) }
