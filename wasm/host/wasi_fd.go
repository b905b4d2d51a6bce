package host

import (
	"encoding/binary"

	"kubergarten/wasm/host/vfs"
)

func fdFunctions() []function {
	return []function{
		{"fd_advise", "iIIi", fdAdvise},
		{"fd_allocate", "iII", fdAllocate},
		{"fd_close", "i", func(p *Process, a args) errno { return p.closeFD(a.u32(0)) }},
		{"fd_datasync", "i", fdSync},
		{"fd_fdstat_get", "ii", fdStatGet},
		{"fd_fdstat_set_flags", "ii", fdSetFlags},
		{"fd_fdstat_set_rights", "iII", notThere},
		{"fd_filestat_get", "ii", fdFilestat},
		{"fd_filestat_set_size", "iI", fdSetSize},
		{"fd_filestat_set_times", "iIIi", fdSetTimes},
		{"fd_pread", "iiiIi", fdPread},
		{"fd_prestat_get", "ii", fdPrestat},
		{"fd_prestat_dir_name", "iii", fdPrestatName},
		{"fd_pwrite", "iiiIi", fdPwrite},
		{"fd_read", "iiii", fdRead},
		{"fd_readdir", "iiiIi", fdReaddir},
		{"fd_renumber", "ii", fdRenumber},
		{"fd_seek", "iIii", fdSeek},
		{"fd_sync", "i", fdSync},
		{"fd_tell", "ii", fdTell},
		{"fd_write", "iiii", fdWrite},
	}
}

// notThere is what was dropped from WASI: rights.
func notThere(*Process, args) errno { return eNOSYS }

// file finds the open file behind a descriptor; what is none is e.
func (p *Process) file(fd uint32, e errno) (*vfs.File, errno) {
	d, found := p.descriptor(fd)
	if !found {
		return nil, eBADF
	}
	f, isFile := d.open.obj.(*file)
	if !isFile {
		return nil, e
	}
	return f.f, ok
}

func fdAdvise(p *Process, a args) errno {
	if a.u32(3) > 5 || a.i64(1) < 0 || a.i64(2) < 0 {
		return eINVAL
	}
	_, e := p.file(a.u32(0), eSPIPE)
	return e // advice that need not be taken
}

func fdAllocate(p *Process, a args) errno {
	f, e := p.file(a.u32(0), eSPIPE)
	if e != ok {
		return e
	}
	off, n := a.i64(1), a.i64(2)
	if off < 0 || n <= 0 {
		return eINVAL
	}
	if off > 1<<62-n {
		return eFBIG
	}
	return toErrno(f.Allocate(off + n))
}

func fdSync(p *Process, a args) errno {
	f, e := p.file(a.u32(0), eINVAL)
	if e != ok {
		return e
	}
	return toErrno(f.Sync())
}

func fdPrestat(p *Process, a args) errno {
	d, found := p.descriptor(a.u32(0))
	if !found || !d.root {
		return eBADF
	}
	return p.mem.putU64(a.u32(1), 1<<32) // a directory with a name of one byte
}

func fdPrestatName(p *Process, a args) errno {
	d, found := p.descriptor(a.u32(0))
	if !found || !d.root {
		return eBADF
	}
	if a.u32(2) < 1 {
		return eNAMETOOLONG
	}
	b, e := p.mem.bytes(a.u32(1), 1)
	if e == ok {
		b[0] = '/'
	}
	return e
}

func fdRenumber(p *Process, a args) errno {
	from, to := a.u32(0), a.u32(1)
	if _, found := p.descriptor(to); !found {
		return eBADF
	}
	if e := p.dup2(from, to); e != ok || from == to {
		return e
	}
	return p.closeFD(from)
}

func fdSeek(p *Process, a args) errno {
	f, e := p.file(a.u32(0), eSPIPE)
	if e != ok {
		return e
	}
	off, err := f.Seek(a.i64(1), int(a.u32(2)))
	if err != nil {
		return toErrno(err)
	}
	return p.mem.putU64(a.u32(3), uint64(off))
}

func fdTell(p *Process, a args) errno {
	f, e := p.file(a.u32(0), eSPIPE)
	if e != ok {
		return e
	}
	off, err := f.Seek(0, 1)
	if err != nil {
		return toErrno(err)
	}
	return p.mem.putU64(a.u32(1), uint64(off))
}

// fdReaddir writes entries until the buffer is full; the last may be cut.
func fdReaddir(p *Process, a args) errno {
	f, e := p.file(a.u32(0), eNOTDIR)
	if e != ok {
		return e
	}
	b, e := p.mem.bytes(a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	cookie := uint64(a.i64(3))
	ents, err := f.ReadDir(cookie)
	if err != nil {
		return toErrno(err)
	}
	used := 0
	for i, ent := range ents {
		if used == len(b) {
			break
		}
		var head [24]byte
		binary.LittleEndian.PutUint64(head[0:], cookie+uint64(i)+1)
		binary.LittleEndian.PutUint64(head[8:], ent.Ino)
		binary.LittleEndian.PutUint32(head[16:], uint32(len(ent.Name)))
		head[20] = typeOf(ent.Kind)
		used += copy(b[used:], head[:])
		used += copy(b[used:], ent.Name)
	}
	return p.mem.putU32(a.u32(4), uint32(used))
}
