package vfs

import (
	"slices"
	"strings"
	"syscall"
)

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
		f.keep(ents)
		if cookie > uint64(len(ents)) {
			return nil, syscall.EINVAL
		}
		return ents[cookie:], nil
	}
	if cookie > uint64(len(f.ents)) {
		return nil, syscall.EINVAL
	}
	return f.ents[cookie:], nil
}

// maxKept is how many entries the open directories of a container may remember.
// Beyond that they are read anew each time.
const maxKept = 200_000

// keep remembers the entries for the next call; nil forgets them. mu is held.
func (f *File) keep(ents []Dirent) {
	kept := &f.view.fs.kept
	kept.Add(-int64(len(f.ents)))
	f.ents = nil
	if n := int64(len(ents)); kept.Add(n) > maxKept {
		kept.Add(-n)
	} else {
		f.ents = ents
	}
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
