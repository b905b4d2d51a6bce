package vfs

import "syscall"

func (n *inode) rename(name string, toDir node, toName string) error {
	to, ok := toDir.(*inode)
	if !ok || to.fs != n.fs {
		return syscall.EXDEV
	}
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	kid, old := n.kid(name), to.kid(toName)
	if kid == nil || to.gone() {
		return syscall.ENOENT
	}
	if kid == old {
		return nil // two names of one file: both stay
	}
	if err := kid.mayReplace(old, n, to); err != nil {
		return err
	}
	if old != nil {
		to.hide(toName)
		if old.typ == ModeDir {
			old.nlink = 1
		}
		old.dropName()
	}
	n.hide(name)
	to.kids[toName] = kid
	kid.ctim = n.fs.now()
	if kid.typ == ModeDir {
		kid.parent = to
	}
	to.changed()
	return nil
}

// mayReplace checks a rename of n, which is in directory from, to the place of
// old (or none) in directory to. fs.mu is held.
func (n *inode) mayReplace(old, from, to *inode) error {
	switch {
	case to.isIn(n):
		return syscall.EINVAL
	case old != nil && from.isIn(old):
		return syscall.ENOTEMPTY
	}
	switch {
	case old == nil:
	case n.typ == ModeDir && old.typ != ModeDir:
		return syscall.ENOTDIR
	case n.typ != ModeDir && old.typ == ModeDir:
		return syscall.EISDIR
	case old.typ == ModeDir && !old.empty():
		return syscall.ENOTEMPTY
	}
	return nil
}

// isIn reports whether a directory is d or lies below it. fs.mu is held.
func (n *inode) isIn(d *inode) bool {
	for n != d && n != n.parent {
		n = n.parent
	}
	return n == d
}
