package fuel

import "fmt"

// Version names what Rewrite does to a module; caches of its output carry it.
const Version = "1"

// Rewrite returns the module with fuel in it. It refuses what Scan refuses.
// Custom sections, whose contents would no longer be true, are dropped.
func Rewrite(wasm []byte, l Limits) ([]byte, error) {
	m, err := parse(wasm, l)
	if err != nil {
		return nil, err
	}
	c, err := m.measure(l)
	if err != nil {
		return nil, err
	}
	w := &rewriter{module: m, costs: c, out: make([]byte, 0, len(wasm)+len(wasm)/16+1024)}
	w.number()
	return w.rewrite(l)
}

// rewriter writes the new module. The numbers are indices in it.
type rewriter struct {
	*module
	*costs
	out []byte

	global      uint32 // the counter
	yieldT      uint32 // type () -> ()
	bulkT       uint32 // type (i32) -> (i32)
	moveT       uint32 // type (i32, i32, i32) -> ()
	yield       uint32 // functions
	bulk, pages uint32
	fill, copy  uint32
	helpers     [][]byte // the code of those we add
	helperTypes []uint32
}

// number gives indices to what is added: types, the global and the helper
// functions come last, the import last of the imports.
func (w *rewriter) number() {
	w.yieldT, w.bulkT, w.moveT = w.types, w.types+1, w.types+2
	w.global = w.globals
	w.yield = w.importedF
	next := uint32(len(w.funcs)) + 1
	add := func(needed bool, f *uint32, typ uint32, code func() []byte) {
		if needed {
			*f = next
			next++
			w.helpers = append(w.helpers, code())
			w.helperTypes = append(w.helperTypes, typ)
		}
	}
	add(w.needs.bulk, &w.bulk, w.bulkT, func() []byte { return w.payer(opShrU, bulkShift) })
	add(w.needs.pages, &w.pages, w.bulkT, func() []byte { return w.payer(opShl, pageShift) })
	add(w.needs.fill, &w.fill, w.moveT, w.filler)
	add(w.needs.copy, &w.copy, w.moveT, w.copier)
}

func (w *rewriter) rewrite(l Limits) ([]byte, error) {
	w.out = append(w.out, header...)
	w.section(secType, 3, []byte("\x60\x00\x00\x60\x01\x7f\x01\x7f\x60\x03\x7f\x7f\x7f\x00"))
	w.section(secImport, 1, appendU32([]byte("\x04fuel\x05yield\x00"), w.yieldT))
	var types []byte
	for _, t := range w.helperTypes {
		types = appendU32(types, t)
	}
	w.section(secFunction, uint32(len(w.helperTypes)), types)
	w.raw(secTable)
	w.raw(secMemory)
	for _, f := range []func(Limits) error{w.writeGlobals, w.writeExports, w.writeStart, w.writeElements} {
		if err := f(l); err != nil {
			return nil, err
		}
	}
	w.raw(secDataCount)
	w.writeCode()
	w.raw(secData)
	return w.out, w.checkData()
}

// section writes a vector section as it was, with n more items at its end.
func (w *rewriter) section(id int, n uint32, items []byte) {
	r := &reader{b: w.sec[id]}
	if w.sec[id] != nil {
		n += r.u32()
	}
	w.emit(id, append(append(appendU32(nil, n), w.sec[id][r.p:]...), items...))
}

func (w *rewriter) raw(id int) {
	if w.sec[id] != nil {
		w.emit(id, w.sec[id])
	}
}

func (w *rewriter) emit(id int, b []byte) { w.out = appendBytes(append(w.out, byte(id)), b) }

// vector rewrites each item of a section with item and adds one more. The
// section may be missing.
func (w *rewriter) vector(id int, more []byte, item func(r *reader, out []byte) []byte) error {
	r := &reader{b: w.sec[id]}
	var n, extra uint32
	if w.sec[id] != nil {
		n = r.count()
	}
	if more != nil {
		extra = 1
	}
	out := appendU32(make([]byte, 0, len(r.b)+len(more)+8), n+extra)
	for ; n > 0 && r.err == nil; n-- {
		out = item(r, out)
	}
	if r.err == nil && r.p != len(r.b) {
		r.fail(errTrailing)
	}
	if r.err != nil {
		return fmt.Errorf("section %d: %w", id, invalid(r.err))
	}
	w.emit(id, append(out, more...))
	return nil
}

// writeGlobals adds the counter: a mutable i64, 0 at first, so that the guest
// comes to yield, which fills it, at its first charge.
func (w *rewriter) writeGlobals(Limits) error {
	return w.vector(secGlobal, []byte{0x7e, 1, opI64Const, 0, opEnd}, func(r *reader, out []byte) []byte {
		return w.constant(r, append(out, r.u8(), r.u8()))
	})
}

func (w *rewriter) writeExports(Limits) error {
	counter := appendU32(append(appendBytes(nil, []byte(Global)), 3), w.global)
	return w.vector(secExport, counter, func(r *reader, out []byte) []byte {
		out = appendBytes(out, r.take(r.u32()))
		kind := r.u8()
		i := r.u32()
		switch kind {
		case 0:
			r.below("function", i, uint32(len(w.funcs)))
			i = w.moved(i)
		case 3:
			r.below("global", i, w.globals)
		}
		return appendU32(append(out, kind), i)
	})
}

func (w *rewriter) writeStart(Limits) error {
	if w.sec[secStart] == nil {
		return nil
	}
	r := &reader{b: w.sec[secStart]}
	f := r.index("function", uint32(len(w.funcs)))
	if r.err == nil && r.p != len(r.b) {
		r.fail(errTrailing)
	}
	w.emit(secStart, appendU32(nil, w.moved(f)))
	return invalid(r.err)
}

func (w *rewriter) writeElements(l Limits) error {
	if w.sec[secElement] == nil {
		return nil
	}
	if n := (&reader{b: w.sec[secElement]}).u32(); int64(n) > int64(l.Elements) {
		return refuse("%d element segments, more than %d", n, l.Elements)
	}
	return w.vector(secElement, nil, w.segment)
}

// segment rewrites one element segment: flag 1 is passive or declared, 2 has a
// table index (or is declared), 4 lists expressions in place of indices.
func (w *rewriter) segment(r *reader, out []byte) []byte {
	flags := r.u32()
	if flags > 7 {
		r.fail(fmt.Errorf("%w: an element segment with flags %#x", ErrUnsupported, flags))
	}
	out = appendU32(out, flags)
	if flags&1 == 0 {
		if flags&2 != 0 {
			out = appendU32(out, r.u32())
		}
		out = w.constant(r, out)
	}
	if flags&3 != 0 {
		out = append(out, r.u8())
	}
	n := r.count()
	out = appendU32(out, n)
	for ; n > 0 && r.err == nil; n-- {
		if flags&4 != 0 {
			out = w.constant(r, out)
		} else {
			out = appendU32(out, w.moved(r.index("function", uint32(len(w.funcs)))))
		}
	}
	return out
}

// checkData refuses data whose place is given by what is not there.
func (w *rewriter) checkData() error {
	if w.sec[secData] == nil {
		return nil
	}
	r := &reader{b: w.sec[secData]}
	for n := r.count(); n > 0 && r.err == nil; n-- {
		w.datum(r)
	}
	if r.err != nil {
		return fmt.Errorf("section %d: %w", secData, invalid(r.err))
	}
	return nil
}

// datum reads one data segment and returns its flags, place and contents.
func (m *module) datum(r *reader) (flags uint32, place, contents []byte) {
	if flags = r.u32(); flags > 2 {
		r.fail(fmt.Errorf("%w: a data segment with flags %#x", ErrUnsupported, flags))
	}
	if flags == 2 && r.u32() != 0 {
		r.fail(fmt.Errorf("%w: a second memory", ErrUnsupported))
	}
	if flags != 1 {
		place = m.constant(r, nil)
	}
	return flags, place, r.take(r.u32())
}
