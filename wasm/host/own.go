package host

// ownFunctions is the module kubergarten.
func ownFunctions() []function {
	return []function{
		{"pipe", "i", ownPipe},
		{"dup2", "ii", func(p *Process, a args) errno { return p.dup2(a.u32(0), a.u32(1)) }},
		{"isatty", "i", isatty},
		{"tty_size", "iii", ttySize},
		{"tty_raw", "ii", ttyRaw},
		{"tty_mode", "ii", ttyGetMode},
		{"tty_set_mode", "ii", ttySetMode},
		{"tty_resize", "iii", ttyResize},
		{"signalfd", "i", ownSignalFD},
		{"signal_default", "ii", signalDefault},
		{"getpid", "", value(func(p *Process, _ args) uint32 { return uint32(p.pid) })},
		{"getppid", "", value(func(p *Process, _ args) uint32 { return uint32(p.cfg.PIDs.parentOf(p)) })},
		{"getuid", "", value(func(p *Process, _ args) uint32 { return p.cfg.Cred.UID })},
		{"getgid", "", value(func(p *Process, _ args) uint32 { return p.cfg.Cred.GID })},
		{"umask", "i", value(func(p *Process, a args) uint32 { return p.umask.Swap(a.u32(0) & 0o777) })},
		{"kill", "ii", ownKill},
		{"proc_spawn", "iii", procSpawn},
		{"proc_exec", "ii", procExec},
		{"proc_wait", "iiii", procWait},
		{"proc_fd", "ii", procFD},
		{"path_stat", "iiii", pathStat},
		{"fd_stat", "ii", fdStat},
		{"path_chmod", "iii", pathChmod},
		{"path_chown", "iiiii", pathChown},
		{"path_statfs", "iii", pathStatfs},
		{"ping", "iiii", ping},
		{"hostname", "iii", hostname},
	}
}

func ownPipe(p *Process, a args) errno {
	if e := p.fits(2); e != ok {
		return e
	}
	b, e := p.mem.bytes(a.u32(0), 8)
	if e != ok {
		return e
	}
	r, w, e := p.cfg.PIDs.pipe()
	if e != ok {
		return e
	}
	rfd, _ := p.newFD(newDescriptor(r)) // there is room for both
	wfd, _ := p.newFD(newDescriptor(w))
	putPair(b, rfd, wfd)
	return ok
}

// dup2 makes to another name of fd.
func (p *Process) dup2(fd, to uint32) errno {
	d, found := p.descriptor(fd)
	switch {
	case !found || uint64(to) >= uint64(p.cfg.Limits.FDs):
		return eBADF
	case fd == to:
		return ok
	}
	d.root = false
	p.install(int(to), d)
	return ok
}

func ownSignalFD(p *Process, a args) errno {
	if e := p.fits(1); e != ok {
		return e
	}
	fd, e := p.newFD(newDescriptor(&signalFD{}))
	if e != ok {
		return e
	}
	return p.mem.putU32(a.u32(0), fd)
}

func signalDefault(p *Process, a args) errno {
	sig := a.u32(0)
	if sig == 0 || sig > sigMax {
		return eINVAL
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.u32(1) != 0 {
		p.defaults |= 1 << sig
		p.pending &^= 1 << sig
	} else {
		p.defaults &^= 1 << sig
	}
	return ok
}

// ownKill signals a process of the same PID namespace: pid 0 the own one, -1
// all but PID 1 and the own one.
func ownKill(p *Process, a args) errno {
	pid, sig := int(a.i32(0)), int(a.u32(1))
	if sig > sigMax {
		return eINVAL
	}
	var targets []*Process
	switch {
	case pid == -1:
		for _, q := range p.cfg.PIDs.List() {
			if q.pid != 1 && q != p {
				targets = append(targets, q)
			}
		}
	case pid == 0:
		targets = []*Process{p}
	case pid > 0:
		if q, found := p.cfg.PIDs.Lookup(pid); found {
			targets = []*Process{q}
		}
	}
	if len(targets) == 0 {
		return eSRCH
	}
	e := ePERM
	for _, q := range targets {
		if p.cfg.Cred.UID != 0 && p.cfg.Cred.UID != q.cfg.Cred.UID {
			continue
		}
		e = ok
		q.signal(sig, true)
	}
	p.check() // it may have been its own
	return e
}

func hostname(p *Process, a args) errno {
	name := p.cfg.Hostname
	if e := p.mem.putU32(a.u32(2), uint32(len(name))); e != ok {
		return e
	}
	if uint32(len(name)) > a.u32(1) {
		return eNAMETOOLONG
	}
	b, e := p.mem.bytes(a.u32(0), uint32(len(name)))
	copy(b, name)
	return e
}
