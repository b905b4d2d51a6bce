package vfs

import (
	"strings"
	"syscall"
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
