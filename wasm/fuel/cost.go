package fuel

import "fmt"

// perUnit is how many simple instructions one unit of fuel buys.
const perUnit = 64

// body is what the first walk over a function's code finds out.
type body struct {
	charges []int64 // of each loop header, in order
	entry   int64   // of the function's entry; 0: none needed
}

// needs says which helper functions the code calls for.
type needs struct {
	fill, copy, bulk, pages bool
	data                    bool // no helper: the code uses data segments
}

// costs is what the first walk over all code finds out.
type costs struct {
	bodies []body
	needs  needs
}

// weight is about how long an instruction takes, in simple instructions. A
// call's makes up for small callees, which do not pay for themselves.
func weight(i instr) int64 {
	switch op := i.op; {
	case op == opCall || op == opCallIndirect || op == opTailCall || op == opTailIndirect:
		return perUnit
	case op == opMemoryGrow:
		return 1_000
	case op == opMisc && i.sub >= miscMemoryInit:
		return 32
	case op >= 0x6d && op <= 0x70, op >= 0x7f && op <= 0x82, op == 0x91, op == 0x95, op == 0x9f, op == 0xa3: // divisions and roots
		return 16
	}
	return 1
}

// measure walks over all code: it checks what Scan must, and adds up what each
// function and each loop costs.
func (m *module) measure(l Limits) (*costs, error) {
	c := &costs{bodies: make([]body, len(m.bodies))}
	for n, code := range m.bodies {
		f := m.importedF + uint32(n)
		w := walk{module: m, limits: l, reader: reader{b: code}, needs: &c.needs}
		w.locals = uint64(m.params[m.funcs[f]])
		c.bodies[n] = w.function()
		if w.err != nil {
			return nil, fmt.Errorf("function %d: %w", f, invalid(w.err))
		}
	}
	return c, nil
}

// walk is a walk over one function.
type walk struct {
	reader
	module *module
	limits Limits
	needs  *needs
	locals uint64

	cost  []int64 // of the function itself, then of each loop, without those within
	open  []int   // blocks that are open: where the cost goes when they end
	cur   int     // where the cost goes now: an index of cost
	calls bool
}

func (w *walk) function() (b body) {
	w.readLocals()
	w.cost = append(w.cost, 0)
	w.open = append(w.open, 0)
	first := true
	for w.more() && len(w.open) > 0 {
		i := w.next()
		w.check(i)
		w.add(i)
		if first && i.op == opLoop {
			b.entry = -1 // the loop's header will charge for the entry
		}
		first = false
	}
	if w.err == nil && (len(w.open) > 0 || w.p != len(w.b)) {
		w.fail(fmt.Errorf("%w: its blocks and ends do not match", ErrInvalid))
	}
	return w.charges(b)
}

// charges turns costs into units of fuel.
func (w *walk) charges(b body) body {
	for _, c := range w.cost[1:] {
		b.charges = append(b.charges, 1+c/perUnit)
	}
	switch own := w.cost[0]; {
	case b.entry < 0:
		b.charges[0] += own / perUnit
		b.entry = 0
	case w.calls || len(w.cost) > 1 || own > perUnit:
		b.entry = 1 + own/perUnit
	}
	return b
}

func (w *walk) readLocals() {
	for n := w.count(); n > 0 && w.err == nil; n-- {
		w.locals += uint64(w.u32())
		w.skip(1)
		if w.locals > uint64(w.limits.Locals) {
			w.fail(refuse("%d locals in a function, more than %d", w.locals, w.limits.Locals))
		}
	}
	w.module.locals += int(w.locals)
	if w.module.locals > w.limits.AllLocals {
		w.fail(refuse("more than %d locals in all functions", w.limits.AllLocals))
	}
}

// check refuses indices of things that are not there, and bombs.
func (w *walk) check(i instr) {
	m := w.module
	switch i.op {
	case opBlock, opLoop, opIf:
		if i.typ >= 0 {
			w.below("type", uint32(i.typ), m.types)
		}
		if len(w.open) > w.limits.Nesting {
			w.fail(refuse("blocks nested deeper than %d", w.limits.Nesting))
		}
	case opBrTable:
		w.limit("targets of a br_table", i.x, w.limits.Targets)
	case opCall, opTailCall, opRefFunc:
		w.below("function", i.x, uint32(len(m.funcs)))
	case opCallIndirect, opTailIndirect:
		w.below("type", i.x, m.types)
	case opLocalGet, opLocalSet, opLocalTee:
		if uint64(i.x) >= w.locals {
			w.fail(fmt.Errorf("%w: local %d of %d", ErrInvalid, i.x, w.locals))
		}
	case opGlobalGet, opGlobalSet:
		w.below("global", i.x, m.globals)
	case opMisc:
		w.checkMisc(i)
	}
}

func (w *walk) checkMisc(i instr) {
	switch i.sub {
	case miscTableGrow:
		w.below("table", i.x, uint32(len(w.module.tables)))
		if w.err == nil {
			t := w.module.tables[i.x]
			if t.max < 0 {
				w.fail(refuse("it grows table %d, which has no maximum", i.x))
			} else if t.max > int64(w.limits.Table) {
				w.fail(refuse("it grows table %d, whose maximum of %d elements is more than %d", i.x, t.max, w.limits.Table))
			}
		}
	case miscMemoryFill, miscMemoryCopy, miscMemoryInit:
		w.below("memory", 0, w.module.memories) // the helpers need one
	}
}

// add adds the instruction's weight where it belongs, and follows blocks.
func (w *walk) add(i instr) {
	w.cost[w.cur] += weight(i)
	switch i.op {
	case opBlock, opIf:
		w.open = append(w.open, w.cur)
	case opLoop:
		w.open = append(w.open, w.cur)
		w.cost = append(w.cost, 0)
		w.cur = len(w.cost) - 1
	case opEnd:
		w.cur = w.open[len(w.open)-1]
		w.open = w.open[:len(w.open)-1]
	case opCall, opCallIndirect, opTailCall, opTailIndirect:
		w.calls = true
	case opMemoryGrow:
		w.needs.pages = true
	case opMisc:
		w.needs.add(i.sub)
	}
}

func (n *needs) add(sub uint32) {
	n.data = n.data || sub == miscMemoryInit || sub == miscDataDrop
	switch sub {
	case miscMemoryFill:
		n.fill, n.bulk = true, true
	case miscMemoryCopy:
		n.copy, n.bulk = true, true
	case miscMemoryInit, miscTableInit, miscTableCopy, miscTableGrow, miscTableFill:
		n.bulk = true
	}
}
