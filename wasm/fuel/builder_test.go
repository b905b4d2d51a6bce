package fuel

// builder makes small modules for the tests.
type builder struct {
	types, imports, funcs, tables, memory, globals, exports, elements, code, data []byte
	nTypes, nImports, nFuncs, nTables, nGlobals, nExports, nElements, nData       uint32
	start                                                                         []byte
}

// typ adds a function type of i32 parameters and results and returns its index.
func (b *builder) typ(params, results int) uint32 {
	b.types = append(b.types, 0x60)
	for _, n := range []int{params, results} {
		b.types = appendU32(b.types, uint32(n))
		for range n {
			b.types = append(b.types, 0x7f)
		}
	}
	b.nTypes++
	return b.nTypes - 1
}

// imp imports a function.
func (b *builder) imp(mod, name string, typ uint32) {
	b.imports = appendBytes(appendBytes(b.imports, []byte(mod)), []byte(name))
	b.imports = appendU32(append(b.imports, 0), typ)
	b.nImports++
}

// fn adds a function and returns its index; locals is the number of i32s.
func (b *builder) fn(typ uint32, locals uint32, code ...byte) uint32 {
	b.funcs = appendU32(b.funcs, typ)
	body := []byte{0}
	if locals > 0 {
		body = append(appendU32([]byte{1}, locals), 0x7f)
	}
	b.code = appendBytes(b.code, append(append(body, code...), opEnd))
	b.nFuncs++
	return b.nImports + b.nFuncs - 1
}

func (b *builder) mem(min uint32) { b.memory = appendU32([]byte{1, 0}, min) }

// table adds a table of functions; max < 0 for none.
func (b *builder) table(min uint32, max int64) {
	b.nTables++
	if max < 0 {
		b.tables = appendU32(append(b.tables, 0x70, 0), min)
		return
	}
	b.tables = appendU32(appendU32(append(b.tables, 0x70, 1), min), uint32(max))
}

func (b *builder) export(name string, kind byte, i uint32) {
	b.exports = appendU32(append(appendBytes(b.exports, []byte(name)), kind), i)
	b.nExports++
}

func (b *builder) datum(place int64, contents string) {
	b.data = append(appendS64(append(b.data, 0, opI32Const), place), opEnd)
	b.data = appendBytes(b.data, []byte(contents))
	b.nData++
}

func (b *builder) bytes() []byte {
	out := []byte(header)
	for _, s := range []struct {
		id    byte
		n     uint32
		items []byte
	}{
		{secType, b.nTypes, b.types},
		{secImport, b.nImports, b.imports},
		{secFunction, b.nFuncs, b.funcs},
		{secTable, b.nTables, b.tables},
		{secGlobal, b.nGlobals, b.globals},
		{secExport, b.nExports, b.exports},
		{secElement, b.nElements, b.elements},
		{secCode, b.nFuncs, b.code},
		{secData, b.nData, b.data},
	} {
		if s.id == secGlobal && b.memory != nil {
			out = appendBytes(append(out, secMemory), b.memory)
		}
		if s.id == secElement && b.start != nil {
			out = appendBytes(append(out, secStart), b.start)
		}
		if s.n > 0 {
			out = appendBytes(append(out, s.id), append(appendU32(nil, s.n), s.items...))
		}
	}
	return out
}

// command is a module whose _start has the code.
func command(locals uint32, code ...byte) []byte {
	b := &builder{}
	b.mem(1)
	b.export("memory", 2, 0)
	b.export("_start", 0, b.fn(b.typ(0, 0), locals, code...))
	return b.bytes()
}

// cat joins pieces of code.
func cat(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func i32(v int64) []byte { return appendS64([]byte{opI32Const}, v) }

func op(b ...byte) []byte { return b }
