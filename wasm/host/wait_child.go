package host

func procWait(p *Process, a args) errno {
	pid, flags := int(a.i32(0)), a.u32(1)
	if pid == 0 || pid < -1 || flags > 1 {
		return eINVAL
	}
	if _, e := p.mem.bytes(a.u32(2), 4); e != ok {
		return e
	}
	if _, e := p.mem.bytes(a.u32(3), 4); e != ok {
		return e
	}
	var kid *Process
	e := p.until(flags == 1, func() (e errno) {
		kid, e = p.cfg.PIDs.reap(p, pid)
		return e
	})
	if e != ok {
		return e
	}
	if e := p.mem.putU32(a.u32(2), uint32(kid.pid)); e != ok {
		return e
	}
	return p.mem.putU32(a.u32(3), kid.exit.status())
}

// status is the exit as Linux' wait tells it.
func (x Exit) status() uint32 {
	if x.Signal != 0 {
		return uint32(x.Signal)
	}
	return uint32(x.Code&0xff) << 8
}

func procFD(p *Process, a args) errno {
	kid, e := p.cfg.PIDs.child(p, int(a.i32(0)))
	if e != ok {
		return e
	}
	if e := p.fits(1); e != ok {
		return e
	}
	fd, e := p.newFD(newDescriptor(&pidFD{kid}))
	if e != ok {
		return e
	}
	return p.mem.putU32(a.u32(1), fd)
}

// pidFD is the object behind a proc_fd: at its end when the child is.
type pidFD struct{ kid *Process }

func (d *pidFD) read(p *Process, _ []byte) (int, errno) {
	if !p.cfg.PIDs.gone(d.kid) {
		return 0, eAGAIN
	}
	return 0, ok
}

func (d *pidFD) poll(p *Process) readiness { return readiness{read: p.cfg.PIDs.gone(d.kid)} }

func (d *pidFD) write(*Process, []byte) (int, errno) { return 0, eINVAL }

func (d *pidFD) filetype() uint8 { return typeUnknown }

func (d *pidFD) label() string { return "anon_inode:[pidfd]" }

func (d *pidFD) watch(p *Process) { d.kid.watchers.watch(p) }

func (d *pidFD) unwatch(p *Process) { d.kid.watchers.unwatch(p) }

func (d *pidFD) close() {}
