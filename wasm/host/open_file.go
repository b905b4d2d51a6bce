package host

import (
	"errors"

	"kubergarten/wasm/host/vfs"
)

// pathOpen: fd, dirflags, path, len, oflags, rights, inheriting, fdflags, out.
func pathOpen(p *Process, a args) errno {
	v, name, e := p.at(a.u32(0), a.u32(2), a.u32(3))
	if e != ok {
		return e
	}
	if e := p.fits(1); e != ok {
		return e
	}
	fdflags := a.u32(7)
	f := openFlags(a.u32(1), a.u32(4), uint64(a.i64(5)), fdflags)
	d, e := p.openAt(v, name, f)
	if e != ok {
		return e
	}
	d.nonblock = fdflags&flagNonblock != 0
	fd, e := p.newFD(d)
	if e != ok {
		return e
	}
	return p.mem.putU32(a.u32(8), fd)
}

// openFlags translates WASI's flags and rights.
func openFlags(dirflags, oflags uint32, rights uint64, fdflags uint32) vfs.Flags {
	var f vfs.Flags
	for _, t := range []struct {
		is   bool
		flag vfs.Flags
	}{
		{dirflags&followLink == 0, vfs.NoFollow},
		{oflags&1 != 0, vfs.Create},
		{oflags&2 != 0, vfs.Directory},
		{oflags&4 != 0, vfs.Excl},
		{oflags&8 != 0, vfs.Trunc},
		{fdflags&flagAppend != 0, vfs.Append},
		{rights&rightRead != 0, vfs.Read},
		{rights&rightWrit != 0, vfs.Write},
	} {
		if t.is {
			f |= t.flag
		}
	}
	if f&vfs.Directory != 0 { // guests ask for all rights that a directory hands down
		f = f&^vfs.Write | vfs.Read
	}
	if f&vfs.Append != 0 && f&vfs.Write == 0 {
		f &^= vfs.Append
	}
	return f
}

// openAt opens a path, or what a magic path leads to.
func (p *Process) openAt(v vfs.View, name string, flags vfs.Flags) (descriptor, errno) {
	f, err := v.Open(name, flags, 0o666)
	var magic *vfs.Magic
	if errors.As(err, &magic) {
		return p.magic(magic)
	}
	if err != nil {
		return descriptor{}, toErrno(err)
	}
	return newDescriptor(&file{f: f}), ok
}

// magic finds what /dev/tty or /proc/PID/fd/N leads to. A process gets at its
// own descriptors only.
func (p *Process) magic(m *vfs.Magic) (descriptor, errno) {
	if m.TTY {
		if p.cfg.TTY == nil {
			return descriptor{}, eNXIO
		}
		return newDescriptor(p.cfg.TTY.object()), ok
	}
	if m.PID != 0 && m.PID != p.pid {
		return descriptor{}, eACCES
	}
	d, found := p.descriptor(uint32(m.FD))
	if !found {
		return descriptor{}, eNOENT
	}
	d.root = false
	return d, ok
}
