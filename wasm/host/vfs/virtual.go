package vfs

import (
	"fmt"
	"hash/fnv"
	"syscall"
	"time"
)

// A Dir is a directory whose contents are made when they are looked at.
type Dir interface {
	// Lookup returns the file called name.
	Lookup(name string) (Entry, bool)
	// Names lists the directory.
	Names() []string
}

// An Entry is a virtual file: exactly one of Dir, Read, Link, Device and Magic
// is set, or Link and Magic.
type Entry struct {
	Perm   uint32
	Dir    Dir
	Read   func() []byte         // called when it is opened
	Link   func(self int) string // self is the process that looks; 0: the host
	Device Device
	Rdev   uint32 // of a device, as Linux numbers it
	Magic  *Magic
}

// A Device is a character device. Its methods never block.
type Device interface {
	Read(p []byte) (int, error) // 0, nil: the end
	Write(p []byte) (int, error)
}

// A Magic is a file that only package host can open: a descriptor of a process,
// or the terminal. View.Open and View.Stat return it as their error.
type Magic struct {
	PID int // whose descriptor; 0: of who opens it
	FD  int
	TTY bool // the controlling terminal
}

func (m *Magic) Error() string {
	return fmt.Sprintf("descriptor %d of process %d is not a file", m.FD, m.PID)
}

// Virtual is a virtual directory as something to mount.
func Virtual(d Dir) Source { return virtualSource{d} }

type virtualSource struct{ d Dir }

func (s virtualSource) open() (node, error) {
	return &vnode{e: Entry{Perm: 0o555, Dir: s.d}, ino: 1}, nil
}
func (s virtualSource) close() error { return nil }

// vnode is a virtual file as a node. Nothing can be changed in it.
type vnode struct {
	e    Entry
	ino  uint64
	born time.Time // when its file system was mounted
}

var _ node = (*vnode)(nil)

func isMagic(n node) bool { return magicOf(n) != nil }

// magicOf returns what only package host can open, or nil.
func magicOf(n node) *Magic {
	if v, ok := n.(*vnode); ok {
		return v.e.Magic
	}
	return nil
}

func (v *vnode) kind() uint32 {
	switch {
	case v.e.Dir != nil:
		return ModeDir
	case v.e.Link != nil:
		return ModeSymlink
	case v.e.Read != nil:
		return ModeFile
	}
	return ModeChar
}

func (v *vnode) stat() (Stat, error) {
	return Stat{
		Dev: 2, Ino: v.ino, Nlink: 1, Mode: v.kind() | v.e.Perm, Rdev: v.e.Rdev,
		Mtim: v.born, Atim: v.born, Ctim: v.born,
	}, nil
}

func (v *vnode) lookup(name string) (node, error) {
	if v.e.Dir == nil {
		return nil, syscall.ENOTDIR
	}
	e, ok := v.e.Dir.Lookup(name)
	if !ok {
		return nil, syscall.ENOENT
	}
	return &vnode{e: e, ino: childIno(v.ino, name), born: v.born}, nil
}

// childIno makes up an inode number that stays the same.
func childIno(dir uint64, name string) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%s", dir, name)
	return h.Sum64()>>16 | 1
}

func (v *vnode) readdir() ([]Dirent, error) {
	if v.e.Dir == nil {
		return nil, syscall.ENOTDIR
	}
	var out []Dirent
	for _, name := range v.e.Dir.Names() {
		if n, err := v.lookup(name); err == nil {
			out = append(out, Dirent{Name: name, Ino: n.(*vnode).ino, Kind: n.kind()})
		}
	}
	return out, nil
}

func (v *vnode) readlink(self int) (string, error) {
	if v.e.Link == nil {
		return "", syscall.EINVAL
	}
	return v.e.Link(self), nil
}

func (v *vnode) open(f Flags) (handle, error) {
	switch {
	case v.e.Dir != nil:
		return &vfile{v: v}, nil
	case v.e.Device != nil:
		return vdevice{v}, nil
	case v.e.Read == nil:
		return nil, syscall.ENXIO
	case f&(Write|Append) != 0:
		return nil, syscall.EACCES
	}
	return &vfile{v: v, b: v.e.Read()}, nil
}

func (v *vnode) statfs() Statfs      { return Statfs{} }
func (v *vnode) setattr(attrs) error { return syscall.EPERM }

func (v *vnode) create(string, uint32, Cred) (node, error) { return nil, syscall.EACCES }
func (v *vnode) mkdir(string, uint32, Cred) error          { return syscall.EACCES }
func (v *vnode) symlink(string, string, Cred) error        { return syscall.EACCES }
func (v *vnode) link(string, node) error                   { return syscall.EACCES }
func (v *vnode) unlink(string) error                       { return syscall.EPERM }
func (v *vnode) rmdir(string) error                        { return syscall.EPERM }
func (v *vnode) rename(string, node, string) error         { return syscall.EPERM }

// vfile is an open virtual file: what it said when it was opened.
type vfile struct {
	v *vnode
	b []byte
}

func (f *vfile) readAt(p []byte, off int64) (int, error) {
	if off >= int64(len(f.b)) {
		return 0, nil
	}
	return copy(p, f.b[off:]), nil
}
func (f *vfile) writeAt([]byte, int64) (int, error)        { return 0, syscall.EBADF }
func (f *vfile) append([]byte) (n int, end int64, e error) { return 0, 0, syscall.EBADF }
func (f *vfile) truncate(int64) error                      { return syscall.EINVAL }
func (f *vfile) stat() (Stat, error)                       { return f.v.stat() }
func (f *vfile) setattr(attrs) error                       { return syscall.EPERM }
func (f *vfile) sync() error                               { return nil }
func (f *vfile) close() error                              { return nil }

// vdevice is an open character device.
type vdevice struct{ v *vnode }

func (d vdevice) readAt(p []byte, _ int64) (int, error)  { return d.v.e.Device.Read(p) }
func (d vdevice) writeAt(p []byte, _ int64) (int, error) { return d.v.e.Device.Write(p) }
func (d vdevice) append(p []byte) (int, int64, error) {
	n, err := d.v.e.Device.Write(p)
	return n, 0, err
}
func (d vdevice) truncate(int64) error { return syscall.EINVAL }
func (d vdevice) stat() (Stat, error)  { return d.v.stat() }
func (d vdevice) setattr(attrs) error  { return nil }
func (d vdevice) sync() error          { return nil }
func (d vdevice) close() error         { return nil }
