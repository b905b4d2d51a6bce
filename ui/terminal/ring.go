package terminal

import "bytes"

// keep is how much of what a shell said is kept for a page that attaches anew.
// It is also how far a shell may be ahead of what its page has shown, so that a
// page whose connection broke finds all that it missed.
const keep = 64 << 10

// A ring is the end of a stream of bytes, each of which has its place in it.
type ring struct {
	data  []byte
	start int64 // the place of data[0]
}

// end is the place after the last byte.
func (r *ring) end() int64 { return r.start + int64(len(r.data)) }

// put adds to the end, and drops what is more than keep behind it once that is
// as much again: bytes move seldom.
func (r *ring) put(p []byte) {
	r.data = append(r.data, p...)
	if extra := len(r.data) - keep; extra >= keep {
		r.data = append(make([]byte, 0, keep), r.data[extra:]...)
		r.start += int64(extra)
	}
}

// from is where to begin for somebody who has all before pos: there, or, when
// that is gone, at the first whole line that is left.
func (r *ring) from(pos int64) int64 {
	if r.start <= pos && pos <= r.end() {
		return pos
	}
	first := max(r.start, r.end()-keep)
	if first == 0 {
		return 0
	}
	line := bytes.IndexByte(r.data[first-r.start:], '\n')
	return first + int64(line) + 1 // without an end of line (-1): first itself
}

// part is a copy of at most most bytes at pos, which from has given.
func (r *ring) part(pos int64, most int) []byte {
	rest := r.data[pos-r.start:]
	return bytes.Clone(rest[:min(len(rest), most)])
}
