package vfs

import "syscall"

// lookup returns the file called name in a directory.
func (n *inode) lookup(name string) (node, error) {
	n.fs.mu.RLock()
	kid, ok := n.kids[name]
	n.fs.mu.RUnlock()
	if !ok {
		kid = n.wake(name)
	}
	if kid == nil {
		return nil, n.missing()
	}
	return kid, nil
}

func (n *inode) missing() error {
	if n.typ != ModeDir {
		return syscall.ENOTDIR
	}
	return syscall.ENOENT
}

// wake makes the inode of an image's file when it is first looked up.
func (n *inode) wake(name string) *inode {
	if n.lower == nil || n.lower.kids[name] == nil {
		return nil // lower is never changed: no lock is needed to see that
	}
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	return n.kid(name)
}

// kid returns the file called name, or nil. fs.mu is held for writing.
func (n *inode) kid(name string) *inode {
	if kid, ok := n.kids[name]; ok || n.lower == nil {
		return kid
	}
	l := n.lower.kids[name]
	if l == nil {
		return nil
	}
	kid := n.fs.linked[l]
	if kid == nil {
		kid = n.fs.fromLeaf(l)
		kid.parent = n
	}
	if l.nlink > 1 {
		n.fs.linked[l] = kid
	}
	n.kids[name] = kid
	return kid
}

// hide takes a name away. fs.mu is held.
func (n *inode) hide(name string) {
	if n.lower != nil && n.lower.kids[name] != nil {
		n.kids[name] = nil
	} else {
		delete(n.kids, name)
	}
	n.changed()
}

// changed notes that the names of a directory have changed. fs.mu is held.
func (n *inode) changed() {
	n.mtim = n.fs.now()
	n.ctim = n.mtim
}

// gone reports that the directory has been removed: nothing may be made in it.
func (n *inode) gone() bool { return n.nlink == 0 }

// empty reports whether a directory has no names. fs.mu is held.
func (n *inode) empty() bool {
	for _, kid := range n.kids {
		if kid != nil {
			return false
		}
	}
	if n.lower == nil {
		return true
	}
	for name := range n.lower.kids {
		if _, ok := n.kids[name]; !ok {
			return false
		}
	}
	return true
}

func (n *inode) readdir() ([]Dirent, error) {
	if n.typ != ModeDir {
		return nil, syscall.ENOTDIR
	}
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	var out []Dirent
	for name, kid := range n.kids {
		if kid != nil {
			out = append(out, Dirent{Name: name, Ino: kid.ino, Kind: kid.typ})
		}
	}
	if n.lower != nil {
		for name, l := range n.lower.kids {
			if _, ok := n.kids[name]; !ok {
				out = append(out, Dirent{Name: name, Ino: l.ino, Kind: l.typ})
			}
		}
	}
	return out, nil
}

// add makes a new file in a directory.
func (n *inode) add(name string, typ, perm uint32, c Cred, target string) (*inode, error) {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	switch {
	case n.typ != ModeDir:
		return nil, syscall.ENOTDIR
	case n.kid(name) != nil:
		return nil, syscall.EEXIST
	case n.gone():
		return nil, syscall.ENOENT
	}
	if !n.fs.take(int64(len(target))) {
		return nil, syscall.ENOSPC
	}
	kid, err := n.fs.inode(typ, perm, c)
	if err != nil {
		n.fs.give(int64(len(target)))
		return nil, err
	}
	kid.parent, kid.target = n, target
	n.kids[name] = kid
	n.changed()
	return kid, nil
}

func (n *inode) create(name string, perm uint32, c Cred) (node, error) {
	kid, err := n.add(name, ModeFile, perm, c, "")
	if err != nil {
		return nil, err
	}
	return kid, nil
}

func (n *inode) mkdir(name string, perm uint32, c Cred) error {
	_, err := n.add(name, ModeDir, perm, c, "")
	return err
}

func (n *inode) symlink(name, target string, c Cred) error {
	_, err := n.add(name, ModeSymlink, 0o777, c, target)
	return err
}

func (n *inode) link(name string, to node) error {
	kid, ok := to.(*inode)
	if !ok || kid.fs != n.fs {
		return syscall.EXDEV
	}
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	switch {
	case kid.typ == ModeDir:
		return syscall.EPERM
	case n.kid(name) != nil:
		return syscall.EEXIST
	case n.gone() || kid.nlink == 0:
		return syscall.ENOENT
	}
	kid.nlink++
	kid.ctim = n.fs.now()
	n.kids[name] = kid
	n.changed()
	return nil
}

func (n *inode) unlink(name string) error {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	kid := n.kid(name)
	if kid == nil {
		return syscall.ENOENT
	}
	if kid.typ == ModeDir {
		return syscall.EISDIR
	}
	n.hide(name)
	kid.dropName()
	return nil
}

// dropName takes one of the file's names off its count. fs.mu is held.
func (n *inode) dropName() {
	n.nlink--
	n.ctim = n.fs.now()
	n.released()
}

func (n *inode) rmdir(name string) error {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	kid := n.kid(name)
	switch {
	case kid == nil:
		return syscall.ENOENT
	case kid.typ != ModeDir:
		return syscall.ENOTDIR
	case !kid.empty():
		return syscall.ENOTEMPTY
	}
	n.hide(name)
	kid.nlink = 0
	kid.released()
	return nil
}
