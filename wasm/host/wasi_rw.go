package host

import "runtime"

func fdRead(p *Process, a args) errno {
	n, e := p.readv(a.u32(0), a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	return p.mem.putU32(a.u32(3), uint32(n))
}

func fdWrite(p *Process, a args) errno {
	n, e := p.writev(a.u32(0), a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	return p.mem.putU32(a.u32(3), uint32(n))
}

// readv reads into the guest's buffers, and waits for the first byte unless the
// descriptor is non-blocking.
func (p *Process) readv(fd, iovs, count uint32) (n int, e errno) {
	d, found := p.descriptor(fd)
	if !found {
		return 0, eBADF
	}
	bufs, e := p.readIovs(iovs, count)
	if e != ok {
		return 0, e
	}
	for _, b := range bufs {
		m := 0
		e = p.until(d.nonblock || n > 0, func() (e errno) {
			m, e = d.open.obj.read(p, b)
			return e
		})
		n += m
		if e != ok || m < len(b) {
			break
		}
	}
	if n > 0 {
		e = ok
	}
	return n, e
}

// writev writes the guest's buffers, all of them unless the descriptor is
// non-blocking.
func (p *Process) writev(fd, iovs, count uint32) (n int, e errno) {
	d, found := p.descriptor(fd)
	if !found {
		return 0, eBADF
	}
	bufs, e := p.readIovs(iovs, count)
	if e != ok {
		return 0, e
	}
	for _, b := range p.gather(bufs) {
		m, we := p.writeAll(d, b)
		n += m
		if e = we; e != ok || m < len(b) {
			break
		}
	}
	if n > 0 && e != ePIPE {
		return n, ok
	}
	if e == ePIPE {
		e = p.brokenPipe(fd)
	}
	return n, e
}

// writeAll writes b; a non-blocking descriptor takes what there is room for.
func (p *Process) writeAll(d descriptor, b []byte) (n int, e errno) {
	for n < len(b) && e == ok {
		e = p.until(d.nonblock, func() (e errno) {
			m, e := d.open.obj.write(p, b[n:])
			n += m
			if m > 0 {
				e = ok
			}
			return e
		})
		if n < len(b) && e == ok {
			if _, isFile := d.open.obj.(*file); isFile {
				break // a short write tells of a full disk
			}
			runtime.Gosched() // let a reader make room
		}
	}
	return n, e
}

// gather makes one piece of several small buffers, so that they are written in
// one piece, as writev does.
func (p *Process) gather(bufs [][]byte) [][]byte {
	total := 0
	for _, b := range bufs {
		if total += len(b); total > pipeAtomic {
			return bufs
		}
	}
	if len(bufs) < 2 {
		return bufs
	}
	p.small = p.small[:0]
	for _, b := range bufs {
		p.small = append(p.small, b...)
	}
	bufs[0] = p.small
	return bufs[:1]
}

func fdPread(p *Process, a args) errno {
	return p.positioned(a, func(f *file, b []byte, off int64) (int, error) { return f.f.ReadAt(b, off) })
}

func fdPwrite(p *Process, a args) errno {
	return p.positioned(a, func(f *file, b []byte, off int64) (int, error) { return f.f.WriteAt(b, off) })
}

// positioned runs a pread or pwrite.
func (p *Process) positioned(a args, do func(f *file, b []byte, off int64) (int, error)) errno {
	d, found := p.descriptor(a.u32(0))
	if !found {
		return eBADF
	}
	f, isFile := d.open.obj.(*file)
	if !isFile {
		return eSPIPE
	}
	bufs, e := p.readIovs(a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	off, n := a.i64(3), 0
	if off < 0 {
		return eINVAL
	}
	for _, b := range bufs {
		m, err := do(f, b, off+int64(n))
		n += m
		if err != nil && n == 0 {
			return toErrno(err)
		}
		if m < len(b) {
			break
		}
	}
	return p.mem.putU32(a.u32(4), uint32(n))
}
