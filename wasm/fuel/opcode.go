package fuel

import "fmt"

// The opcodes that mean something to the rewriter.
const (
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opTailCall     = 0x12
	opTailIndirect = 0x13
	opSelectT      = 0x1c
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opTableGet     = 0x25
	opTableSet     = 0x26
	opMemorySize   = 0x3f
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI64Const     = 0x42
	opF32Const     = 0x43
	opF64Const     = 0x44
	opRefNull      = 0xd0
	opRefIsNull    = 0xd1
	opRefFunc      = 0xd2
	opMisc         = 0xfc
	opSIMD         = 0xfd
)

// The second bytes after opMisc.
const (
	miscMemoryInit = 8
	miscDataDrop   = 9
	miscMemoryCopy = 10
	miscMemoryFill = 11
	miscTableInit  = 12
	miscElemDrop   = 13
	miscTableCopy  = 14
	miscTableGrow  = 15
	miscTableSize  = 16
	miscTableFill  = 17
)

// instr is one instruction, as far as the rewriter must know it.
type instr struct {
	op  byte
	sub uint32 // the opcode after opMisc or opSIMD
	x   uint32 // first index: function, type, local, global, table, segment; targets of br_table
	y   uint32 // second index
	typ int64  // of a block: a type index, or negative
}

// next reads one instruction.
func (r *reader) next() (i instr) {
	i.op = r.u8()
	switch op := i.op; {
	case op == opBlock || op == opLoop || op == opIf:
		i.typ = r.s64(5)
	case op == opBrTable:
		r.targets(&i)
	case op == opBr || op == opBrIf || op == opCall || op == opTailCall || op == opRefFunc,
		op >= opLocalGet && op <= opTableSet:
		i.x = r.u32()
	case op == opCallIndirect || op == opTailIndirect:
		i.x, i.y = r.u32(), r.u32()
	case op == opSelectT:
		r.skip(r.count())
	case op >= 0x28 && op <= 0x3e: // loads and stores
		r.memarg()
	case op == opMemorySize || op == opMemoryGrow:
		r.zero()
	case op == opI32Const:
		r.s64(5)
	case op == opI64Const:
		r.s64(10)
	case op == opF32Const:
		r.skip(4)
	case op == opF64Const:
		r.skip(8)
	case op == opRefNull:
		r.skip(1)
	case op == opMisc:
		r.misc(&i)
	case op == opSIMD:
		r.simd(&i)
	case op <= 0x01 || op == opElse || op == opEnd || op == opReturn || op == 0x1a || op == 0x1b,
		op >= 0x45 && op <= 0xc4, op == opRefIsNull: // no immediates
	default:
		r.fail(fmt.Errorf("%w: opcode 0x%02x", ErrUnsupported, op))
	}
	return i
}

func (r *reader) targets(i *instr) {
	i.x = r.count()
	for range i.x {
		r.u32()
	}
	i.y = r.u32()
}

func (r *reader) memarg() {
	if align := r.u32(); align >= 64 {
		r.fail(fmt.Errorf("%w: a second memory", ErrUnsupported))
	}
	r.u32()
}

// zero reads the index of the only memory.
func (r *reader) zero() {
	if r.u8() != 0 {
		r.fail(fmt.Errorf("%w: a second memory", ErrUnsupported))
	}
}

func (r *reader) misc(i *instr) {
	switch i.sub = r.u32(); i.sub {
	case 0, 1, 2, 3, 4, 5, 6, 7: // saturating truncations
	case miscMemoryInit:
		i.x = r.u32()
		r.zero()
	case miscMemoryCopy:
		r.zero()
		r.zero()
	case miscMemoryFill:
		r.zero()
	case miscTableInit: // segment, table
		i.y, i.x = r.u32(), r.u32()
	case miscTableCopy:
		i.x, i.y = r.u32(), r.u32()
	case miscDataDrop, miscElemDrop, miscTableGrow, miscTableSize, miscTableFill:
		i.x = r.u32()
	default:
		r.fail(fmt.Errorf("%w: opcode 0xfc %d", ErrUnsupported, i.sub))
	}
}

func (r *reader) simd(i *instr) {
	switch x := r.u32(); {
	case x <= 11 || x == 92 || x == 93: // loads and a store
		r.memarg()
	case x == 12 || x == 13: // a constant, a shuffle
		r.skip(16)
	case x >= 21 && x <= 34: // lanes
		r.skip(1)
	case x >= 84 && x <= 91: // loads and stores of lanes
		r.memarg()
		r.skip(1)
	case x > 255:
		r.fail(fmt.Errorf("%w: opcode 0xfd %d", ErrUnsupported, x))
	default:
		i.sub = x
	}
}
