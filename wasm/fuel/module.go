package fuel

import (
	"bytes"
	"fmt"
)

// The sections of a module.
const (
	secCustom = iota
	secType
	secImport
	secFunction
	secTable
	secMemory
	secGlobal
	secExport
	secStart
	secElement
	secCode
	secData
	secDataCount
	sections
)

// rank is the place of each section in a module.
var rank = [sections]int{secType: 1, secImport: 2, secFunction: 3, secTable: 4, secMemory: 5, secGlobal: 6, secExport: 7, secStart: 8, secElement: 9, secDataCount: 10, secCode: 11, secData: 12}

const header = "\x00asm\x01\x00\x00\x00"

// table is a table's size: max is negative if it has none.
type table struct {
	min uint32
	max int64
}

// module is what the rewriter knows of a module: its sections, and how many
// there are of each thing that has an index.
type module struct {
	sec [sections][]byte // nil: not there

	params    []uint32 // of each type
	types     uint32
	importedF uint32   // functions that are imported
	funcs     []uint32 // the type of each function, the imported ones first
	tables    []table
	memories  uint32
	pages     uint32 // of the memory, at first
	globals   uint32
	bodies    [][]byte
	locals    int // of all functions
}

// parse reads all of a module but the functions' code.
func parse(wasm []byte, l Limits) (*module, error) {
	if len(wasm) > l.Module {
		return nil, refuse("the module is %d bytes long, more than %d", len(wasm), l.Module)
	}
	if !bytes.HasPrefix(wasm, []byte(header)) {
		return nil, fmt.Errorf("%w: no WebAssembly header", ErrInvalid)
	}
	m := &module{}
	if err := m.split(&reader{b: wasm, p: len(header)}); err != nil {
		return nil, err
	}
	for _, s := range []struct {
		id   int
		read func(*module, *reader, Limits)
	}{
		{secType, (*module).readTypes},
		{secImport, (*module).readImports},
		{secFunction, (*module).readFunctions},
		{secTable, (*module).readTables},
		{secMemory, (*module).readMemories},
		{secGlobal, (*module).readGlobals},
		{secExport, (*module).readExports},
		{secCode, (*module).readBodies},
	} {
		if err := m.section(s.id, l, s.read); err != nil {
			return nil, err
		}
	}
	if m.sec[secStart] != nil && !l.Start {
		return nil, refuse("it has a start function, which would run before its process is ready")
	}
	if len(m.bodies) != len(m.funcs)-int(m.importedF) {
		return nil, fmt.Errorf("%w: %d functions, but code for %d", ErrInvalid, len(m.funcs)-int(m.importedF), len(m.bodies))
	}
	return m, nil
}

// split finds the sections, each once and in order.
func (m *module) split(r *reader) error {
	for last := 0; r.more(); {
		id := r.u8()
		body := r.take(r.u32())
		if id == secCustom || r.err != nil {
			continue
		}
		if id >= sections {
			return fmt.Errorf("%w: section %d", ErrUnsupported, id)
		}
		if rank[id] <= last {
			return fmt.Errorf("%w: section %d is out of order", ErrInvalid, id)
		}
		last, m.sec[id] = rank[id], body
	}
	return invalid(r.err)
}

// section reads one section with read, which must use up all of it.
func (m *module) section(id int, l Limits, read func(*module, *reader, Limits)) error {
	if m.sec[id] == nil {
		return nil
	}
	r := &reader{b: m.sec[id]}
	read(m, r, l)
	if r.err == nil && r.p != len(r.b) {
		r.fail(errTrailing)
	}
	if r.err != nil {
		return fmt.Errorf("section %d: %w", id, invalid(r.err))
	}
	return nil
}

func (m *module) readTypes(r *reader, l Limits) {
	m.types = r.count()
	r.limit("types", m.types, l.Types)
	m.params = make([]uint32, 0, m.types)
	for range m.types {
		if r.u8() != 0x60 {
			r.fail(fmt.Errorf("%w: a type that is no function type", ErrUnsupported))
			return
		}
		params := r.count()
		r.limit("parameters of a function type", params, l.Params)
		r.skip(params)
		results := r.count()
		r.limit("results of a function type", results, l.Params)
		r.skip(results)
		m.params = append(m.params, params)
	}
}

func (m *module) readImports(r *reader, l Limits) {
	n := r.count()
	r.limit("imports", n, l.Imports)
	for ; n > 0 && r.err == nil; n-- {
		mod, name := r.name(), r.name()
		if kind := r.u8(); kind != 0 {
			r.fail(refuse("it imports %q.%q, which is no function", mod, name))
		}
		if mod == ImportModule {
			r.fail(refuse("it imports %q.%q, which is not offered to guests", mod, name))
		}
		m.funcs = append(m.funcs, r.index("type", m.types))
	}
	m.importedF = uint32(len(m.funcs))
}

func (m *module) readFunctions(r *reader, l Limits) {
	n := r.count()
	r.limit("functions", n, l.Functions)
	for ; n > 0 && r.err == nil; n-- {
		m.funcs = append(m.funcs, r.index("type", m.types))
	}
}

func (m *module) readTables(r *reader, l Limits) {
	n := r.count()
	r.limit("tables", n, l.Tables)
	for ; n > 0 && r.err == nil; n-- {
		r.u8() // the type of its elements
		t := table{max: -1}
		flags := r.u8()
		if flags > 1 {
			r.fail(fmt.Errorf("%w: a table with flags %#x", ErrUnsupported, flags))
		}
		if t.min = r.u32(); flags == 1 {
			t.max = int64(r.u32())
		}
		r.limit("elements of a table", t.min, l.Table)
		m.tables = append(m.tables, t)
	}
}

func (m *module) readMemories(r *reader, _ Limits) {
	m.memories = r.count()
	if m.memories > 1 {
		r.fail(refuse("it has %d memories, more than 1", m.memories))
	}
	if m.memories == 1 {
		flags := r.u8()
		if flags > 1 {
			r.fail(fmt.Errorf("%w: a shared or 64 bit memory", ErrUnsupported))
		}
		if m.pages = r.u32(); flags == 1 {
			r.u32()
		}
	}
}

func (m *module) readGlobals(r *reader, l Limits) {
	m.globals = r.count()
	r.limit("globals", m.globals, l.Globals)
	for range m.globals {
		r.skip(2) // type, mutability
		m.constant(r, nil)
	}
}

func (m *module) readExports(r *reader, l Limits) {
	n := r.count()
	r.limit("exports", n, l.Exports)
	for ; n > 0 && r.err == nil; n-- {
		if name := r.name(); name == Global {
			r.fail(refuse("it exports %q, a name of the host's", name))
		}
		r.u8()
		r.u32()
	}
}

func (m *module) readBodies(r *reader, l Limits) {
	n := r.count()
	m.bodies = make([][]byte, 0, n)
	for ; n > 0 && r.err == nil; n-- {
		size := r.u32()
		r.limit("bytes of code in a function", size, l.Body)
		m.bodies = append(m.bodies, r.take(size))
	}
}

// constant walks over a constant expression, and appends it to out with its
// functions renumbered.
func (m *module) constant(r *reader, out []byte) []byte {
	for r.err == nil {
		start := r.p
		i := r.next()
		switch i.op {
		case opI32Const, opI64Const, opF32Const, opF64Const, opRefNull, opEnd:
		case opSIMD: // v128.const; the compiler checks that it is
		case opGlobalGet:
			r.below("global", i.x, m.globals)
		case opRefFunc:
			r.below("function", i.x, uint32(len(m.funcs)))
			out = appendU32(append(out, opRefFunc), m.moved(i.x))
			continue
		default:
			r.fail(fmt.Errorf("%w: opcode 0x%02x in a constant", ErrUnsupported, i.op))
		}
		if out = append(out, r.b[start:r.p]...); i.op == opEnd {
			return out
		}
	}
	return out
}

// moved is the index that function f has after fuel.yield came in before it.
func (m *module) moved(f uint32) uint32 {
	if f >= m.importedF {
		return f + 1
	}
	return f
}
