package host

func procFunctions() []function {
	return []function{
		{"proc_exit", "i", procExit},
		{"proc_raise", "i", procRaise},
	}
}

// procExit ends the process. Of the code only eight bits count, as on Linux.
func procExit(p *Process, a args) errno {
	p.die(withCode(int(a.u32(0) & 0xff)))
	p.check()
	return ok
}

// raised are Linux' numbers of WASI's signals, which are the same up to 15.
func raised(sig uint32) int {
	if sig <= 15 {
		return int(sig)
	}
	if sig <= 30 { // WASI has no STKFLT
		return int(sig) + 1
	}
	return sigMax + 1
}

func procRaise(p *Process, a args) errno {
	sig := raised(a.u32(0))
	if sig > sigMax {
		return eINVAL
	}
	p.signal(sig, true)
	p.check()
	return ok
}
