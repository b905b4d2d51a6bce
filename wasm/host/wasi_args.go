package host

import (
	"crypto/rand"
	"runtime"
)

func argFunctions() []function {
	argv := func(p *Process) []string { return p.cfg.Args }
	environ := func(p *Process) []string { return p.cfg.Env }
	return []function{
		{"args_get", "ii", getStrings(argv)},
		{"args_sizes_get", "ii", sizeStrings(argv)},
		{"environ_get", "ii", getStrings(environ)},
		{"environ_sizes_get", "ii", sizeStrings(environ)},
		{"random_get", "ii", randomGet},
	}
}

// getStrings writes an array of pointers at the first address, and at the
// second the strings that they point to.
func getStrings(of func(*Process) []string) func(*Process, args) errno {
	return func(p *Process, a args) errno {
		ptrs, buf := a.u32(0), a.u32(1)
		for _, s := range of(p) {
			if e := p.mem.putU32(ptrs, buf); e != ok {
				return e
			}
			b, e := p.mem.bytes(buf, uint32(len(s)+1))
			if e != ok {
				return e
			}
			copy(b, s)
			b[len(s)] = 0
			ptrs, buf = ptrs+4, buf+uint32(len(b))
		}
		return ok
	}
}

// sizeStrings says how many there are, and how many bytes they take.
func sizeStrings(of func(*Process) []string) func(*Process, args) errno {
	return func(p *Process, a args) errno {
		total := 0
		for _, s := range of(p) {
			total += len(s) + 1
		}
		if e := p.mem.putU32(a.u32(0), uint32(len(of(p)))); e != ok {
			return e
		}
		return p.mem.putU32(a.u32(1), uint32(total))
	}
}

// randomGet fills a buffer, a piece at a time, so that a kill need not wait.
func randomGet(p *Process, a args) errno {
	b, e := p.mem.bytes(a.u32(0), a.u32(1))
	for e == ok && len(b) > 0 {
		n := min(len(b), 1<<20)
		_, _ = rand.Read(b[:n]) // never fails
		if b = b[n:]; len(b) > 0 {
			runtime.Gosched()
			p.check()
		}
	}
	return e
}
