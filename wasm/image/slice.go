package image

import "kubergarten/wasm/fuel"

// slice is an instance's memory as a plain slice, for systems that have no
// better.
type slice struct {
	segments []fuel.Segment // what it must hold from the start; nil once it does
	b        []byte
}

func (s *slice) grow(size uint64) []byte {
	if uint64(cap(s.b)) < size {
		b := make([]byte, size, max(size, min(2*uint64(cap(s.b)), size+16<<20)))
		copy(b, s.b)
		s.b = b
	}
	s.b = s.b[:size]
	for _, g := range s.segments {
		copy(s.b[g.Offset:], g.Bytes)
	}
	s.segments = nil
	return s.b
}

func (s *slice) free() { s.b = nil }
