package fuel

// writeCode writes the functions with their charges, then the helpers.
func (w *rewriter) writeCode() {
	size := 16
	for _, b := range w.module.bodies {
		size += len(b) + len(b)/16
	}
	out := appendU32(make([]byte, 0, size), uint32(len(w.module.bodies)+len(w.helpers)))
	var buf []byte
	for i, code := range w.module.bodies {
		buf = w.function(buf[:0], code, w.costs.bodies[i])
		out = appendBytes(out, buf)
	}
	for _, code := range w.helpers {
		out = appendBytes(out, code)
	}
	if len(w.module.bodies)+len(w.helpers) > 0 || w.sec[secCode] != nil {
		w.emit(secCode, out)
	}
}

// function appends one function's code with its charges to out. measure has
// walked over it before, so it cannot fail.
func (w *rewriter) function(out, code []byte, b body) []byte {
	r := &reader{b: code}
	for n := r.count(); n > 0; n-- {
		r.u32()
		r.u8()
	}
	kept := 0 // code up to here is in out, and what follows goes in as it is
	flush := func(to int) { out, kept = append(out, code[kept:to]...), to }
	if b.entry > 0 {
		flush(r.p)
		out = w.charge(out, b.entry)
	}
	loops := 0
	for r.more() {
		start := r.p
		i := r.next()
		switch i.op {
		case opLoop:
			flush(r.p)
			out = w.charge(out, b.charges[loops])
			loops++
		case opCall, opTailCall, opRefFunc:
			flush(start)
			out, kept = appendU32(append(out, i.op), w.moved(i.x)), r.p
		case opMemoryGrow:
			flush(start)
			out = appendU32(append(out, opCall), w.pages)
		case opMisc:
			switch i.sub {
			case miscMemoryFill:
				flush(start)
				out, kept = appendU32(append(out, opCall), w.fill), r.p
			case miscMemoryCopy:
				flush(start)
				out, kept = appendU32(append(out, opCall), w.copy), r.p
			case miscMemoryInit, miscTableInit, miscTableCopy, miscTableGrow, miscTableFill:
				flush(start)
				out = appendU32(append(out, opCall), w.bulk)
			}
		}
	}
	flush(len(code))
	return out
}

// charge appends: fuel -= units; if fuel < 0 { yield() }. It leaves the stack
// as it was, so it may stand between any two instructions.
func (w *rewriter) charge(out []byte, units int64) []byte {
	out = w.getFuel(out)
	out = append(appendS64(append(out, opI64Const), units), opI64Sub)
	return w.settle(out)
}

func (w *rewriter) getFuel(out []byte) []byte { return appendU32(append(out, opGlobalGet), w.global) }

// settle appends: fuel = top of the stack; if fuel < 0 { yield() }.
func (w *rewriter) settle(out []byte) []byte {
	out = appendU32(append(out, opGlobalSet), w.global)
	out = w.getFuel(out)
	out = append(out, opI64Const, 0, opI64LtS, opIf, blockEmpty, opCall)
	return append(appendU32(out, w.yield), opEnd)
}
