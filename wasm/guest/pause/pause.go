package pause

import (
	"encoding/binary"
	"slices"
)

// Where things lie in the one page of memory.
const (
	atFD     = 0  // the signal descriptor
	atIovec  = 8  // {buffer, length}
	atN      = 16 // how many bytes were read or written
	atSignal = 24 // the signal
	atStatus = 28 // of a reaped child
	atText   = 64
)

const (
	textTerm = "Shutting down, got signal: Terminated\n"
	textInt  = "Shutting down, got signal: Interrupt\n"
)

// Imported functions by index.
const (
	fnSignalfd = iota
	fnRead
	fnWrite
	fnExit
	fnWait
	fnStart // the first of our own
)

// Module returns the WebAssembly module.
func Module() []byte {
	const i32 = 0x7f
	types := vec(
		fn([]byte{i32}, []byte{i32}),                // 0: signalfd
		fn([]byte{i32, i32, i32, i32}, []byte{i32}), // 1: fd_read, fd_write, proc_wait
		fn([]byte{i32}, nil),                        // 2: proc_exit
		fn(nil, nil),                                // 3: _start
	)
	const wasi = "wasi_snapshot_preview1"
	imports := vec(
		imp("kubergarten", "signalfd", 0),
		imp(wasi, "fd_read", 1),
		imp(wasi, "fd_write", 1),
		imp(wasi, "proc_exit", 2),
		imp("kubergarten", "proc_wait", 1),
	)
	text := textTerm + textInt
	return slices.Concat(
		[]byte("\x00asm\x01\x00\x00\x00"),
		section(1, types),
		section(2, imports),
		section(3, vec([]byte{3})),
		section(5, vec([]byte{1, 1, 1})), // one page and no more
		section(7, vec(append(name("memory"), 2, 0), append(name("_start"), 0, fnStart))),
		section(10, vec(start())),
		section(11, vec(slices.Concat([]byte{0}, i32Const(atText), []byte{opEnd}, uleb(len(text)), []byte(text)))),
	)
}

// start is the body of _start.
func start() []byte {
	code := slices.Concat(
		[]byte{0}, // no locals
		call(fnSignalfd, atFD), []byte{opDrop},
		[]byte{opLoop, void},
		iovec(atSignal, 1),
		i32Const(0), load(atFD), i32Const(atIovec), i32Const(1), i32Const(atN), []byte{opCall, fnRead, opDrop},
		onSignal(15, bye(atText, len(textTerm))),
		onSignal(2, bye(atText+len(textTerm), len(textInt))),
		onSignal(17, reap()),
		[]byte{opBr, 0, opEnd, opEnd},
	)
	return append(uleb(len(code)), code...)
}

// bye writes a line to standard error and exits with 0.
func bye(text, n int) []byte {
	return slices.Concat(iovec(text, n), call(fnWrite, 2, atIovec, 1, atN), []byte{opDrop}, call(fnExit, 0))
}

// reap waits for every child that has ended.
func reap() []byte {
	return slices.Concat(
		[]byte{opLoop, void},
		call(fnWait, -1, 1, atN, atStatus), []byte{opEqz, opBrIf, 0, opEnd},
	)
}

// onSignal runs then if the signal is sig.
func onSignal(sig int, then []byte) []byte {
	return slices.Concat(i32Const(0), load8(atSignal), i32Const(sig), []byte{opEq, opIf, void}, then, []byte{opEnd})
}

// iovec fills the one iovec.
func iovec(buf, n int) []byte {
	return slices.Concat(
		i32Const(0), i32Const(buf), store(atIovec),
		i32Const(0), i32Const(n), store(atIovec+4),
	)
}

// The instructions used.
const (
	opLoop  = 0x03
	opIf    = 0x04
	opEnd   = 0x0b
	opBr    = 0x0c
	opBrIf  = 0x0d
	opCall  = 0x10
	opDrop  = 0x1a
	opLoad  = 0x28
	opLoad8 = 0x2d
	opStore = 0x36
	opConst = 0x41
	opEqz   = 0x45
	opEq    = 0x46
	void    = 0x40
)

func load(at int) []byte  { return append([]byte{opLoad, 2}, uleb(at)...) }
func load8(at int) []byte { return append([]byte{opLoad8, 0}, uleb(at)...) }
func store(at int) []byte { return append([]byte{opStore, 2}, uleb(at)...) }

func i32Const(n int) []byte { return append([]byte{opConst}, sleb(n)...) }

// call pushes the arguments and calls an imported function.
func call(f byte, args ...int) []byte {
	var b []byte
	for _, a := range args {
		b = append(b, i32Const(a)...)
	}
	return append(b, opCall, f)
}

func section(id byte, content []byte) []byte {
	return slices.Concat([]byte{id}, uleb(len(content)), content)
}

func vec(items ...[]byte) []byte {
	return append(uleb(len(items)), slices.Concat(items...)...)
}

func fn(params, results []byte) []byte {
	return slices.Concat([]byte{0x60}, uleb(len(params)), params, uleb(len(results)), results)
}

func name(s string) []byte { return append(uleb(len(s)), s...) }

func imp(module, field string, typ byte) []byte {
	return slices.Concat(name(module), name(field), []byte{0, typ})
}

func uleb(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

// sleb is signed LEB128.
func sleb(n int) []byte {
	var b []byte
	for {
		c := byte(n & 0x7f)
		n >>= 7
		if n == 0 && c&0x40 == 0 || n == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}
