package host

import (
	"encoding/binary"
	"errors"

	"kubergarten/wasm/host/vfs"
)

// Modes of what is no file, as Linux has them.
const (
	modePipe   = 0o010600
	modeSocket = 0o140777
	modeTTY    = 0o020620
)

// absolute reads a path of this module.
func (p *Process) absolute(ptr, n uint32) (vfs.View, string, errno) {
	name, e := p.mem.text(ptr, n, maxPath)
	return p.view.Umask(p.umask.Load()), name, e
}

func pathStat(p *Process, a args) errno {
	v, name, e := p.absolute(a.u32(0), a.u32(1))
	if e != ok {
		return e
	}
	st, err := v.Stat(name, a.u32(2)&1 == 0)
	var magic *vfs.Magic
	if errors.As(err, &magic) {
		d, e := p.magic(magic)
		if e != ok {
			return e
		}
		return p.putModes(a.u32(3), d)
	}
	if err != nil {
		return toErrno(err)
	}
	return p.putModeOf(a.u32(3), &st)
}

func fdStat(p *Process, a args) errno {
	d, found := p.descriptor(a.u32(0))
	if !found {
		return eBADF
	}
	return p.putModes(a.u32(1), d)
}

// putModes writes what a descriptor is.
func (p *Process) putModes(ptr uint32, d descriptor) errno {
	st := vfs.Stat{UID: p.cfg.Cred.UID, GID: p.cfg.Cred.GID}
	switch o := d.open.obj.(type) {
	case *file:
		var err error
		if st, err = o.f.Stat(); err != nil {
			return toErrno(err)
		}
	case *ttyEnd:
		st.Mode, st.Rdev = modeTTY, 136<<8
	case *null:
		st.Mode, st.Rdev = vfs.ModeChar|0o666, 1<<8|3
	case *socket:
		st.Mode = modeSocket
	default:
		st.Mode = modePipe
	}
	return p.putModeOf(ptr, &st)
}

func (p *Process) putModeOf(ptr uint32, st *vfs.Stat) errno {
	b, e := p.mem.bytes(ptr, 16)
	if e != ok {
		return e
	}
	putPair(b, st.Mode, st.UID)
	putPair(b[8:], st.GID, st.Rdev)
	return ok
}

func putPair(b []byte, x, y uint32) {
	binary.LittleEndian.PutUint32(b, x)
	binary.LittleEndian.PutUint32(b[4:], y)
}

func pathChmod(p *Process, a args) errno {
	v, name, e := p.absolute(a.u32(0), a.u32(1))
	if e != ok {
		return e
	}
	return toErrno(v.Chmod(name, a.u32(2)))
}

func pathChown(p *Process, a args) errno {
	v, name, e := p.absolute(a.u32(0), a.u32(1))
	if e != ok {
		return e
	}
	given := func(id uint32) *uint32 {
		if id == 1<<32-1 {
			return nil
		}
		return &id
	}
	return toErrno(v.Chown(name, a.u32(4)&1 == 0, given(a.u32(2)), given(a.u32(3))))
}

func pathStatfs(p *Process, a args) errno {
	v, name, e := p.absolute(a.u32(0), a.u32(1))
	if e != ok {
		return e
	}
	st, err := v.Statfs(name)
	if err != nil {
		return toErrno(err)
	}
	b, e := p.mem.bytes(a.u32(2), 40)
	if e != ok {
		return e
	}
	flags := uint64(0)
	if st.ReadOnly {
		flags = 1
	}
	for i, n := range []uint64{st.Bytes, st.BytesFree, st.Inodes, st.InodesFree, flags} {
		binary.LittleEndian.PutUint64(b[8*i:], n)
	}
	return ok
}
