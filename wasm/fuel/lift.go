package fuel

// A Segment is bytes that a memory holds from the start.
type Segment struct {
	Offset uint32
	Bytes  []byte
}

// Lift takes the initial data out of a module, so that its instances can share
// one image of it: their memories must hold the segments, in order, before the
// module is instantiated. A module that may need its data later, or whose data
// does not fit in its memory, comes back as it was, with no segments.
func Lift(wasm []byte, l Limits) (lifted []byte, segments []Segment, err error) {
	m, err := parse(wasm, l)
	if err != nil {
		return nil, nil, err
	}
	c, err := m.measure(l)
	if err != nil {
		return nil, nil, err
	}
	if c.needs.data || m.sec[secData] == nil {
		return wasm, nil, nil
	}
	if segments, err = m.segments(); err != nil || segments == nil {
		return wasm, nil, err
	}
	return m.without(wasm, secData, secDataCount), segments, nil
}

// segments reads the data section; nil if it is not of the simple kind.
func (m *module) segments() (out []Segment, err error) {
	r := &reader{b: m.sec[secData]}
	simple := true
	for n := r.count(); n > 0 && r.err == nil; n-- {
		flags, place, contents := m.datum(r)
		at := &reader{b: place}
		i := at.u8()
		offset := uint32(at.s64(5))
		simple = simple && flags != 1 && i == opI32Const && at.u8() == opEnd && at.err == nil &&
			uint64(offset)+uint64(len(contents)) <= uint64(m.pages)<<16
		out = append(out, Segment{offset, contents})
	}
	if !simple {
		out = nil
	}
	return out, invalid(r.err)
}

// without copies a module and leaves some sections out.
func (m *module) without(wasm []byte, ids ...int) []byte {
	out := append(make([]byte, 0, len(wasm)), header...)
	r := &reader{b: wasm, p: len(header)}
next:
	for r.more() {
		id := int(r.u8())
		body := r.take(r.u32())
		for _, x := range ids {
			if id == x {
				continue next
			}
		}
		out = appendBytes(append(out, byte(id)), body)
	}
	return out
}
