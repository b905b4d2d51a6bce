package vfs

import (
	"path"
	"strings"
	"syscall"
	"time"
)

// Mkdir makes a directory.
func (v View) Mkdir(name string, perm uint32) error {
	dir, base, err := v.place(name)
	if err != nil {
		return err
	}
	return dir.n.mkdir(base, perm&^v.umask, v.cred)
}

// MkdirAll makes a directory and those above it that are missing.
func (v View) MkdirAll(name string, perm uint32) error {
	at := ""
	for part := range strings.SplitSeq(path.Clean("/"+name), "/") {
		if part == "" {
			continue
		}
		at += "/" + part
		if err := v.Mkdir(at, perm); err != nil && err != syscall.EEXIST {
			return err
		}
	}
	st, err := v.Stat(path.Clean("/"+name), true)
	if err == nil && !st.IsDir() {
		return syscall.ENOTDIR
	}
	return err
}

// Rmdir removes an empty directory.
func (v View) Rmdir(name string) error {
	w, err := v.existing(name, syscall.EINVAL)
	if err == syscall.EINVAL && w.dots == ".." {
		err = syscall.ENOTEMPTY
	}
	if err != nil {
		return err
	}
	return w.dir.n.rmdir(w.name)
}

// Unlink removes a name that is not a directory's.
func (v View) Unlink(name string) error {
	w, err := v.existing(name, syscall.EISDIR)
	if err != nil {
		return err
	}
	return w.dir.n.unlink(w.name)
}

// Symlink makes a symbolic link.
func (v View) Symlink(target, name string) error {
	if target == "" || strings.IndexByte(target, 0) >= 0 {
		return syscall.ENOENT
	}
	if len(target) >= maxPath {
		return syscall.ENAMETOOLONG
	}
	dir, base, err := v.place(name)
	if err != nil {
		return err
	}
	if strings.HasSuffix(name, "/") {
		return syscall.ENOENT
	}
	return dir.n.symlink(base, target, v.cred)
}

// Link gives the file at old, seen from view from, another name.
func (v View) Link(from View, old string, follow bool, name string) error {
	p, err := from.find(old, follow)
	if err != nil {
		return err
	}
	dir, base, err := v.place(name)
	if err != nil {
		return err
	}
	if p.in != dir.in {
		return syscall.EXDEV
	}
	if strings.HasSuffix(name, "/") {
		return syscall.ENOENT
	}
	return dir.n.link(base, p.n)
}

// Rename moves the file at old, seen from view from, to name.
func (v View) Rename(from View, old, name string) error {
	src, dst := from.last(old), v.last(name)
	missing := func(w *walked) bool { return w.err == syscall.ENOENT && w.dir != nil }
	switch {
	case src.err != nil && !missing(&src):
		return src.err
	case dst.err != nil && !missing(&dst):
		return dst.err
	case src.name == "" || dst.name == "" || v.fs.busy(dst.dir.trie, dst.name):
		return syscall.EBUSY
	case src.err != nil:
		return src.err
	case src.dir.in != dst.dir.in:
		return syscall.EXDEV
	}
	if err := from.mayTake(&src, old); err != nil {
		return err
	}
	if strings.HasSuffix(name, "/") && src.at.n.kind() != ModeDir {
		return syscall.ENOTDIR
	}
	if err := v.mayChange(dst.dir); err != nil {
		return err
	}
	if dst.at != nil {
		if err := v.cred.mayRemove(dst.dir.n, dst.at.n); err != nil {
			return err
		}
	}
	return src.dir.n.rename(src.name, dst.dir.n, dst.name)
}

// Chmod sets permission bits.
func (v View) Chmod(name string, perm uint32) error {
	perm &= ModePerm
	return v.change(name, true, attrs{perm: &perm})
}

// Chown sets owner and group; nil leaves it. Only root gives files away.
func (v View) Chown(name string, follow bool, uid, gid *uint32) error {
	if v.cred.UID != 0 && uid != nil && *uid != v.cred.UID {
		return syscall.EPERM
	}
	return v.change(name, follow, attrs{uid: uid, gid: gid})
}

// Utimes sets the times of access and modification; nil leaves it.
func (v View) Utimes(name string, follow bool, atim, mtim *time.Time) error {
	return v.change(name, follow, attrs{atim: atim, mtim: mtim})
}

func (v *View) change(name string, follow bool, a attrs) error {
	p, err := v.find(name, follow)
	if err != nil {
		return err
	}
	return v.changeAt(p, a)
}

func (v *View) changeAt(p *pos, a attrs) error {
	if err := v.writable(p); err != nil {
		return err
	}
	if err := v.cred.owns(p.n); err != nil {
		return err
	}
	return p.n.setattr(a)
}
