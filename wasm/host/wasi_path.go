package host

import (
	"errors"

	"kubergarten/wasm/host/vfs"
)

func pathFunctions() []function {
	return []function{
		{"path_create_directory", "iii", pathMkdir},
		{"path_filestat_get", "iiiii", pathFilestat},
		{"path_filestat_set_times", "iiiiIIi", pathSetTimes},
		{"path_link", "iiiiiii", pathLink},
		{"path_open", "iiiiiIIii", pathOpen},
		{"path_readlink", "iiiiii", pathReadlink},
		{"path_remove_directory", "iii", pathRmdir},
		{"path_rename", "iiiiii", pathRename},
		{"path_symlink", "iiiii", pathSymlink},
		{"path_unlink_file", "iii", pathUnlink},
	}
}

// at reads a path and where it begins: the directory behind fd.
func (p *Process) at(fd, ptr, n uint32) (vfs.View, string, errno) {
	d, found := p.descriptor(fd)
	if !found {
		return vfs.View{}, "", eBADF
	}
	f, isFile := d.open.obj.(*file)
	if !isFile || f.f.Kind() != vfs.ModeDir {
		return vfs.View{}, "", eNOTDIR
	}
	name, e := p.mem.text(ptr, n, maxPath)
	v := p.view.Umask(p.umask.Load())
	if !d.root {
		v = v.At(f.f)
	}
	return v, name, e
}

func pathMkdir(p *Process, a args) errno {
	v, name, e := p.at(a.u32(0), a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	return toErrno(v.Mkdir(name, 0o777))
}

func pathRmdir(p *Process, a args) errno {
	v, name, e := p.at(a.u32(0), a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	return toErrno(v.Rmdir(name))
}

func pathUnlink(p *Process, a args) errno {
	v, name, e := p.at(a.u32(0), a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	return toErrno(v.Unlink(name))
}

// followLink is WASI's lookup flag.
const followLink = 1

func pathFilestat(p *Process, a args) errno {
	v, name, e := p.at(a.u32(0), a.u32(2), a.u32(3))
	if e != ok {
		return e
	}
	st, err := v.Stat(name, a.u32(1)&followLink != 0)
	var magic *vfs.Magic
	if errors.As(err, &magic) {
		return p.magicStat(magic, a.u32(4))
	}
	if err != nil {
		return toErrno(err)
	}
	return p.putFilestat(a.u32(4), &st, typeOf(st.Mode))
}

// magicStat describes what /proc/self/fd/N leads to.
func (p *Process) magicStat(m *vfs.Magic, out uint32) errno {
	d, e := p.magic(m)
	if e != ok {
		return e
	}
	st := vfs.Stat{Nlink: 1}
	if f, isFile := d.open.obj.(*file); isFile {
		st, _ = f.f.Stat()
	}
	return p.putFilestat(out, &st, d.open.obj.filetype())
}

func pathSetTimes(p *Process, a args) errno {
	v, name, e := p.at(a.u32(0), a.u32(2), a.u32(3))
	if e != ok {
		return e
	}
	atim, mtim, e := p.times(a.i64(4), a.i64(5), a.u32(6))
	if e != ok {
		return e
	}
	return toErrno(v.Utimes(name, a.u32(1)&followLink != 0, atim, mtim))
}

func pathLink(p *Process, a args) errno {
	from, old, e := p.at(a.u32(0), a.u32(2), a.u32(3))
	if e != ok {
		return e
	}
	to, name, e := p.at(a.u32(4), a.u32(5), a.u32(6))
	if e != ok {
		return e
	}
	return toErrno(to.Link(from, old, a.u32(1)&followLink != 0, name))
}

func pathRename(p *Process, a args) errno {
	from, old, e := p.at(a.u32(0), a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	to, name, e := p.at(a.u32(3), a.u32(4), a.u32(5))
	if e != ok {
		return e
	}
	return toErrno(to.Rename(from, old, name))
}

func pathSymlink(p *Process, a args) errno {
	target, e := p.mem.text(a.u32(0), a.u32(1), maxPath)
	if e != ok {
		return e
	}
	v, name, e := p.at(a.u32(2), a.u32(3), a.u32(4))
	if e != ok {
		return e
	}
	return toErrno(v.Symlink(target, name))
}

func pathReadlink(p *Process, a args) errno {
	v, name, e := p.at(a.u32(0), a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	b, e := p.mem.bytes(a.u32(3), a.u32(4))
	if e != ok {
		return e
	}
	target, err := v.Readlink(name)
	if err != nil {
		return toErrno(err)
	}
	return p.mem.putU32(a.u32(5), uint32(copy(b, target)))
}
