package network

const (
	ringMin = 4 << 10
	ringMax = 256 << 10
)

// A ring is a queue of bytes that grows from ringMin to ringMax as it is
// needed, and shrinks again when it was not.
type ring struct {
	buf     []byte // nil, or a power of two long
	head, n int    // the oldest byte, and how many
	peak    int    // the most bytes since it was last empty
}

func (r *ring) free() int { return ringMax - r.n }

// write appends what fits of p and returns how much that was.
func (r *ring) write(p []byte) int {
	p = p[:min(len(p), r.free())]
	r.grow(r.n + len(p))
	for rest := p; len(rest) > 0; {
		at := (r.head + r.n) & (len(r.buf) - 1)
		end := len(r.buf)
		if at < r.head {
			end = r.head
		}
		c := copy(r.buf[at:end], rest)
		rest, r.n = rest[c:], r.n+c
	}
	r.peak = max(r.peak, r.n)
	return len(p)
}

// read takes the oldest bytes into p and returns how many.
func (r *ring) read(p []byte) int {
	n := 0
	for n < len(p) && r.n > 0 {
		c := copy(p[n:], r.buf[r.head:min(r.head+r.n, len(r.buf))])
		r.head = (r.head + c) & (len(r.buf) - 1)
		n, r.n = n+c, r.n-c
	}
	if r.n == 0 {
		r.rest()
	}
	return n
}

// grow makes room for n bytes in all.
func (r *ring) grow(n int) {
	if n <= len(r.buf) {
		return
	}
	size := max(len(r.buf), ringMin)
	for size < n {
		size *= 2
	}
	old := *r
	r.buf = make([]byte, size)
	r.head, r.n = 0, 0
	r.n = copy(r.buf, old.buf[old.head:min(old.head+old.n, len(old.buf))])
	r.n += copy(r.buf[r.n:], old.buf[:old.n-r.n])
}

// rest is called when the ring is empty: it starts again at the front, and
// halves a buffer of which little was used.
func (r *ring) rest() {
	if size := len(r.buf) / 2; size >= ringMin && r.peak <= size/2 {
		r.buf = make([]byte, size)
	}
	r.head, r.peak = 0, 0
}

// drop forgets all bytes and the buffer.
func (r *ring) drop() { *r = ring{} }
