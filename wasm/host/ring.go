package host

// ring is a queue of bytes that grows as it is filled.
type ring struct {
	b        []byte
	start, n int
}

// write appends b.
func (r *ring) write(b []byte) {
	if r.n+len(b) > len(r.b) {
		r.grow(r.n + len(b))
	}
	at := (r.start + r.n) % len(r.b)
	m := copy(r.b[at:], b)
	copy(r.b, b[m:])
	r.n += len(b)
}

// read takes bytes off the front.
func (r *ring) read(b []byte) int {
	total := min(len(b), r.n)
	if total == 0 {
		return 0
	}
	m := copy(b[:total], r.b[r.start:])
	copy(b[m:total], r.b)
	r.start = (r.start + total) % len(r.b)
	if r.n -= total; r.n == 0 {
		r.start = 0
	}
	return total
}

func (r *ring) grow(need int) {
	size := max(pipeAtomic, len(r.b))
	for size < need {
		size *= 2
	}
	b := make([]byte, size)
	m := copy(b, r.b[r.start:min(r.start+r.n, len(r.b))])
	copy(b[m:r.n], r.b)
	r.b, r.start = b, 0
}
