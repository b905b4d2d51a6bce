package host

import (
	"encoding/binary"
	"time"

	"kubergarten/wasm/host/vfs"
)

// WASI's rights that say something about a descriptor.
const (
	rightSeek = 1<<2 | 1<<5
	rightRead = 1 << 1
	rightWrit = 1 << 6
	rightsAll = 1<<30 - 1
)

// WASI's flags of descriptors.
const (
	flagAppend   = 1 << 0
	flagNonblock = 1 << 2
)

func fdStatGet(p *Process, a args) errno {
	d, found := p.descriptor(a.u32(0))
	if !found {
		return eBADF
	}
	b, e := p.mem.bytes(a.u32(1), 24)
	if e != ok {
		return e
	}
	flags, rights := uint16(0), uint64(rightsAll)
	if d.nonblock {
		flags |= flagNonblock
	}
	if f, isFile := d.open.obj.(*file); isFile {
		if f.f.Flags()&vfs.Append != 0 {
			flags |= flagAppend
		}
		rights = fileRights(f.f)
	} else {
		rights &^= rightSeek // so libc knows what may be a terminal
	}
	clear(b)
	b[0] = d.open.obj.filetype()
	binary.LittleEndian.PutUint16(b[2:], flags)
	binary.LittleEndian.PutUint64(b[8:], rights)
	binary.LittleEndian.PutUint64(b[16:], rightsAll)
	return ok
}

func fileRights(f *vfs.File) uint64 {
	rights, flags := uint64(rightsAll), f.Flags()
	if flags&vfs.Read == 0 {
		rights &^= rightRead
	}
	if flags&(vfs.Write|vfs.Append) == 0 {
		rights &^= rightWrit
	}
	return rights
}

func fdSetFlags(p *Process, a args) errno {
	fd, flags := a.u32(0), a.u32(1)
	d, found := p.descriptor(fd)
	switch {
	case !found:
		return eBADF
	case flags&^0x1f != 0:
		return eINVAL
	case flags&^(flagAppend|flagNonblock) != 0:
		return eNOTSUP // DSYNC, RSYNC and SYNC: files are synced by fd_sync
	}
	p.setNonblock(fd, flags&flagNonblock != 0)
	if f, isFile := d.open.obj.(*file); isFile {
		f.f.SetAppend(flags&flagAppend != 0)
	}
	return ok
}

func fdFilestat(p *Process, a args) errno {
	d, found := p.descriptor(a.u32(0))
	if !found {
		return eBADF
	}
	st := vfs.Stat{Nlink: 1}
	f, isFile := d.open.obj.(*file)
	if isFile {
		var err error
		if st, err = f.f.Stat(); err != nil {
			return toErrno(err)
		}
	}
	return p.putFilestat(a.u32(1), &st, d.open.obj.filetype())
}

// putFilestat writes WASI's filestat.
func (p *Process) putFilestat(ptr uint32, st *vfs.Stat, typ uint8) errno {
	b, e := p.mem.bytes(ptr, 64)
	if e != ok {
		return e
	}
	le := binary.LittleEndian
	clear(b)
	le.PutUint64(b, st.Dev)
	le.PutUint64(b[8:], st.Ino)
	b[16] = typ
	le.PutUint64(b[24:], st.Nlink)
	le.PutUint64(b[32:], uint64(st.Size))
	le.PutUint64(b[40:], nanos(st.Atim))
	le.PutUint64(b[48:], nanos(st.Mtim))
	le.PutUint64(b[56:], nanos(st.Ctim))
	return ok
}

// nanos is a time as a guest reads it; times before 1970 are 0.
func nanos(t time.Time) uint64 {
	if t.Unix() < 0 {
		return 0
	}
	return uint64(t.UnixNano())
}

// typeOf is WASI's type for a mode.
func typeOf(mode uint32) uint8 {
	switch mode & vfs.ModeType {
	case vfs.ModeDir:
		return typeDir
	case vfs.ModeFile:
		return typeFile
	case vfs.ModeSymlink:
		return typeSymlink
	case vfs.ModeChar:
		return typeChar
	}
	return typeUnknown
}

func fdSetSize(p *Process, a args) errno {
	f, e := p.file(a.u32(0), eINVAL)
	if e != ok {
		return e
	}
	return toErrno(f.Truncate(a.i64(1)))
}

func fdSetTimes(p *Process, a args) errno {
	f, e := p.file(a.u32(0), eINVAL)
	if e != ok {
		return e
	}
	atim, mtim, e := p.times(a.i64(1), a.i64(2), a.u32(3))
	if e != ok {
		return e
	}
	return toErrno(f.Utimes(atim, mtim))
}

// times reads WASI's pair of times; nil means leave.
func (p *Process) times(atim, mtim int64, flags uint32) (at, mt *time.Time, e errno) {
	pick := func(ns int64, set, now uint32) *time.Time {
		t := time.Unix(0, ns)
		switch {
		case flags&now != 0:
			t = p.cfg.Clock.Now()
		case flags&set == 0:
			return nil
		}
		return &t
	}
	if flags&3 == 3 || flags&12 == 12 || flags > 15 {
		return nil, nil, eINVAL
	}
	return pick(atim, 1, 2), pick(mtim, 4, 8), ok
}
