package vfs

import (
	"io"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Flags say how a file is opened.
type Flags uint32

// The flags of open(2).
const (
	Read Flags = 1 << iota
	Write
	Append
	Create
	Excl
	Trunc
	Directory
	NoFollow
)

// A File is an open file description. It may be shared by descriptors and
// processes.
type File struct {
	pos  *pos
	view View
	h    handle

	mu     sync.Mutex
	flags  Flags
	off    int64
	ents   []Dirent
	closed bool
}

// Open opens, and perhaps makes, the file at name. What only package host can
// open is a *Magic error.
func (v View) Open(name string, f Flags, perm uint32) (*File, error) {
	if f&Create != 0 && strings.HasSuffix(name, "/") {
		if w := v.last(name); w.name != "" && (w.err == nil || w.err == syscall.ENOENT) {
			return nil, syscall.EISDIR
		}
	}
	w := v.walk(name, f&NoFollow == 0 && f&(Create|Excl) != Create|Excl)
	if w.err != nil {
		if f&Create == 0 || w.dir == nil || w.err != syscall.ENOENT {
			return nil, w.err
		}
		return v.create(w, f, perm)
	}
	switch {
	case f&(Create|Excl) == Create|Excl:
		return nil, syscall.EEXIST
	case w.slash && w.at.n.kind() != ModeDir:
		return nil, syscall.ENOTDIR
	}
	if err := v.mayOpen(w.at, f); err != nil {
		return nil, err
	}
	return v.open(w.at, f)
}

// create makes the file a walk has not found.
func (v *View) create(w walked, f Flags, perm uint32) (*File, error) {
	if f&Directory != 0 {
		return nil, syscall.EINVAL
	}
	if err := v.mayChange(w.dir); err != nil {
		return nil, err
	}
	n, err := w.dir.n.create(w.name, perm&^v.umask, v.cred)
	if err == syscall.EEXIST && f&Excl == 0 { // somebody was faster
		n, err = w.dir.n.lookup(w.name)
	}
	if err != nil {
		return nil, err
	}
	return v.open(&pos{n: n, in: w.dir.in, up: w.dir, label: w.name}, f)
}

// mayOpen checks type and permissions of a file that is there.
func (v *View) mayOpen(p *pos, f Flags) error {
	kind := p.n.kind()
	switch {
	case kind == ModeSymlink && !isMagic(p.n):
		return syscall.ELOOP
	case f&Directory != 0 && kind != ModeDir:
		return syscall.ENOTDIR
	case kind == ModeDir && f&(Write|Append|Create|Trunc) != 0:
		return syscall.EISDIR
	}
	if f&(Write|Append|Trunc) != 0 {
		if err := v.writable(p); err != nil && kind == ModeFile {
			return err
		}
		if err := v.cred.may(p.n, mayWrite); err != nil {
			return err
		}
	}
	if f&Read != 0 {
		return v.cred.may(p.n, mayRead)
	}
	return nil
}

func (v *View) open(p *pos, f Flags) (*File, error) {
	if m := magicOf(p.n); m != nil {
		return nil, m
	}
	h, err := p.n.open(f)
	if err != nil {
		return nil, err
	}
	if f&Trunc != 0 && p.n.kind() == ModeFile {
		if err := h.truncate(0); err != nil {
			h.close()
			return nil, err
		}
	}
	return &File{pos: p, view: *v, h: h, flags: f}, nil
}

// Path is the name the file was opened by, from the container's root.
func (f *File) Path() string { return f.pos.path() }

// Kind is the file's type bits.
func (f *File) Kind() uint32 { return f.pos.n.kind() }

// Flags returns the flags it was opened with, and Append as it is now.
func (f *File) Flags() Flags {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.flags
}

// SetAppend makes writes go to the end, or not.
func (f *File) SetAppend(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flags &^= Append
	if on {
		f.flags |= Append
	}
}

func (f *File) readable() error {
	switch {
	case f.pos.n.kind() == ModeDir:
		return syscall.EISDIR
	case f.Flags()&Read == 0:
		return syscall.EBADF
	}
	return nil
}

func (f *File) writable() error {
	if f.Flags()&(Write|Append) == 0 {
		return syscall.EBADF
	}
	return nil
}

// Read reads at the offset and moves it; io.EOF at the end.
func (f *File) Read(p []byte) (int, error) {
	if err := f.readable(); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.h.readAt(p, f.off)
	f.off += int64(n)
	if n == 0 && err == nil && len(p) > 0 {
		err = io.EOF
	}
	return n, err
}

// Write writes at the offset, or at the end, and moves it.
func (f *File) Write(p []byte) (n int, err error) {
	if err := f.writable(); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.flags&Append != 0 {
		n, f.off, err = f.h.append(p)
		return n, err
	}
	n, err = f.h.writeAt(p, f.off)
	f.off += int64(n)
	return n, err
}

// ReadAt reads at off and leaves the offset; 0, nil at the end.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	if err := f.readable(); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, syscall.EINVAL
	}
	return f.h.readAt(p, off)
}

// WriteAt writes at off and leaves the offset; with Append it writes at the
// end, as Linux does.
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	if err := f.writable(); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, syscall.EINVAL
	}
	if f.Flags()&Append != 0 {
		n, _, err := f.h.append(p)
		return n, err
	}
	return f.h.writeAt(p, off)
}

// Seek moves the offset. A directory can only be set to where it begins.
func (f *File) Seek(off int64, whence int) (int64, error) {
	var size int64
	if whence == io.SeekEnd {
		st, err := f.h.stat()
		if err != nil {
			return 0, err
		}
		size = st.Size
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		off += f.off
	case io.SeekEnd:
		off += size
	default:
		return 0, syscall.EINVAL
	}
	if off < 0 {
		return 0, syscall.EINVAL
	}
	f.off = off
	return off, nil
}

// Stat describes the file.
func (f *File) Stat() (Stat, error) { return f.h.stat() }

// Truncate sets the size.
func (f *File) Truncate(size int64) error {
	if f.writable() != nil || f.Kind() != ModeFile {
		return syscall.EINVAL
	}
	return f.h.truncate(size)
}

// Allocate makes sure that the file is at least of that size.
func (f *File) Allocate(size int64) error {
	st, err := f.Stat()
	if err != nil || st.Size >= size {
		return err
	}
	return f.Truncate(size)
}

// Utimes sets the times of access and modification; nil leaves it.
func (f *File) Utimes(atim, mtim *time.Time) error {
	if err := f.view.writable(f.pos); err != nil {
		return err
	}
	return f.h.setattr(attrs{atim: atim, mtim: mtim})
}

// Sync writes the file to disk, where there is one.
func (f *File) Sync() error { return f.h.sync() }

// ReadDir returns the entries of a directory from a cookie on: 0 reads it anew,
// and the i-th entry's successor has the cookie i+1. "." and ".." are there.
func (f *File) ReadDir(cookie uint64) ([]Dirent, error) {
	if f.Kind() != ModeDir {
		return nil, syscall.ENOTDIR
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if cookie == 0 || f.ents == nil {
		ents, err := f.list()
		if err != nil {
			return nil, err
		}
		f.ents = ents
	}
	if cookie > uint64(len(f.ents)) {
		return nil, syscall.EINVAL
	}
	return f.ents[cookie:], nil
}

// list reads the directory, mount points included.
func (f *File) list() ([]Dirent, error) {
	ents, err := f.pos.n.readdir()
	if err != nil {
		return nil, err
	}
	ents = append(ents, f.view.mountsIn(f.pos, ents)...)
	slices.SortFunc(ents, func(a, b Dirent) int { return strings.Compare(a.Name, b.Name) })
	up := f.pos
	if up.up != nil {
		up = up.up
	}
	dots := []Dirent{{Name: ".", Ino: inoOf(f.pos.n), Kind: ModeDir}, {Name: "..", Ino: inoOf(up.n), Kind: ModeDir}}
	return append(dots, ents...), nil
}

// mountsIn lists the mount points in a directory that have no name there.
func (v *View) mountsIn(p *pos, have []Dirent) (out []Dirent) {
	if p.trie == nil {
		return nil
	}
	v.fs.mu.RLock()
	defer v.fs.mu.RUnlock()
	for name, m := range p.trie.below {
		there := slices.ContainsFunc(have, func(e Dirent) bool { return e.Name == name })
		if !there && m.root != nil {
			out = append(out, Dirent{Name: name, Ino: inoOf(m.root), Kind: m.root.kind()})
		}
	}
	return out
}

func inoOf(n node) uint64 {
	st, _ := n.stat()
	return st.Ino
}

// Close closes the file. It is an error to use it afterwards, but not to close
// it again.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	return f.h.close()
}
