package fuel

// Bytes (or elements) that one unit of fuel moves, as a shift; and how many
// units a new page costs, likewise.
const (
	bulkShift = 6
	pageShift = 10
)

// chunk is how much memory.fill and memory.copy may move without paying.
const chunk = 64 << 10

// More opcodes, that only the helpers are made of.
const (
	opI32Add    = 0x6a
	opI32Sub    = 0x6b
	opI32LeU    = 0x4d
	opI32GtU    = 0x4b
	opI64Add    = 0x7c
	opI64Sub    = 0x7d
	opI64LtS    = 0x53
	opI64GtU    = 0x56
	opShl       = 0x86 // i64
	opShrU      = 0x88 // i64
	opExtendU   = 0xad // i64.extend_i32_u
	blockEmpty  = 0x40
	noLocals    = 0
	argTo       = 0 // the arguments of memory.fill and memory.copy
	argFrom     = 1
	argCount    = 2
	theOnlyArg  = 0
	memoryIndex = 0
)

// asm writes a helper's code.
type asm []byte

func (a *asm) op(b ...byte) *asm     { *a = append(*a, b...); return a }
func (a *asm) get(l byte) *asm       { return a.op(opLocalGet, l) }
func (a *asm) set(l byte) *asm       { return a.op(opLocalSet, l) }
func (a *asm) wide(l byte) *asm      { return a.get(l).op(opExtendU) }
func (a *asm) i32(v int64) *asm      { *a = appendS64(append(*a, opI32Const), v); return a }
func (a *asm) i64(v int64) *asm      { *a = appendS64(append(*a, opI64Const), v); return a }
func (a *asm) call(f uint32) *asm    { *a = appendU32(append(*a, opCall), f); return a }
func (a *asm) leaveIf(up byte) *asm  { return a.op(opBrIf, up) }
func (a *asm) misc(sub ...byte) *asm { return a.op(opMisc).op(sub...) }

// payer returns: func(n) { pay n shifted; return n }.
func (w *rewriter) payer(shift byte, by int64) []byte {
	a := asm(w.getFuel([]byte{noLocals}))
	a.wide(theOnlyArg).i64(by).op(shift, opI64Sub)
	a = w.settle(a)
	return *a.get(theOnlyArg).op(opEnd)
}

// filler returns memory.fill in chunks. What is out of bounds must not be
// touched at all, so it goes to the real instruction, which traps.
func (w *rewriter) filler() []byte {
	a := &asm{noLocals}
	a.op(opBlock, blockEmpty)
	a.ifSmall().ifBeyond(argTo)
	a.op(opLoop, blockEmpty)
	a.get(argTo).get(argFrom).i32(chunk).misc(miscMemoryFill, memoryIndex)
	a.advance(argTo)
	w.again(a)
	a.op(opEnd, opEnd)
	a.get(argTo).get(argFrom).get(argCount).call(w.bulk).misc(miscMemoryFill, memoryIndex)
	return *a.op(opEnd)
}

// copier returns memory.copy in chunks: from the front if it moves down, from
// the back if it moves up, so that an overlap is read before it is written.
func (w *rewriter) copier() []byte {
	a := &asm{noLocals}
	a.op(opBlock, blockEmpty)
	a.ifSmall().ifBeyond(argTo).ifBeyond(argFrom)
	a.get(argTo).get(argFrom).op(opI32LeU, opIf, blockEmpty)
	a.op(opLoop, blockEmpty)
	a.get(argTo).get(argFrom).i32(chunk).misc(miscMemoryCopy, memoryIndex, memoryIndex)
	a.advance(argTo).advance(argFrom)
	w.again(a)
	a.op(opEnd, opElse, opLoop, blockEmpty)
	a.last(argTo).last(argFrom).i32(chunk).misc(miscMemoryCopy, memoryIndex, memoryIndex)
	w.again(a)
	a.op(opEnd, opEnd, opEnd)
	a.get(argTo).get(argFrom).get(argCount).call(w.bulk).misc(miscMemoryCopy, memoryIndex, memoryIndex)
	return *a.op(opEnd)
}

// ifSmall leaves the block if one chunk is enough.
func (a *asm) ifSmall() *asm { return a.get(argCount).i32(chunk).op(opI32LeU).leaveIf(0) }

// ifBeyond leaves the block if address+count lies beyond the end of the memory.
func (a *asm) ifBeyond(address byte) *asm {
	a.wide(address).wide(argCount).op(opI64Add)
	a.op(opMemorySize, memoryIndex, opExtendU).i64(16).op(opShl, opI64GtU)
	return a.leaveIf(0)
}

// advance moves an address over the chunk that is done.
func (a *asm) advance(address byte) *asm {
	return a.get(address).i32(chunk).op(opI32Add).set(address)
}

// last pushes address+count-chunk: where the last chunk begins.
func (a *asm) last(address byte) *asm {
	return a.get(address).get(argCount).op(opI32Add).i32(chunk).op(opI32Sub)
}

// again counts the chunk that is done, pays for it, and goes round if there is
// more than one chunk left.
func (w *rewriter) again(a *asm) {
	a.get(argCount).i32(chunk).op(opI32Sub).set(argCount)
	*a = w.charge(*a, chunk>>bulkShift)
	a.get(argCount).i32(chunk).op(opI32GtU).leaveIf(0)
}
