package vfs

import (
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A View is a file system in the eyes of one process.
type View struct {
	fs    *FS
	pid   int
	cred  Cred
	base  *pos // where relative paths begin; nil: the root
	umask uint32
	force bool // the host's own hand: read-only mounts are written to
}

// View returns the file system as a process with that number and that user
// sees it. PID 0 is the host.
func (f *FS) View(pid int, c Cred) View { return View{fs: f, pid: pid, cred: c} }

// At returns the view whose relative paths begin in the directory f.
func (v View) At(f *File) View {
	v.base = f.pos
	return v
}

// Umask returns the view whose new files lack the bits in mask.
func (v View) Umask(mask uint32) View {
	v.umask = mask
	return v
}

// Cred returns who the view acts as.
func (v View) Cred() Cred { return v.cred }

// find resolves a path that must lead to a file.
func (v *View) find(name string, follow bool) (*pos, error) {
	w := v.walk(name, follow)
	if w.err != nil {
		return nil, w.err
	}
	if w.slash && w.at.n.kind() != ModeDir {
		return nil, syscall.ENOTDIR
	}
	return w.at, nil
}

// writable returns EROFS where a mount is read-only.
func (v *View) writable(p *pos) error {
	if p.in.readOnly && !v.force {
		return syscall.EROFS
	}
	return nil
}

// place resolves a path whose last name is to be made.
func (v *View) place(name string) (*pos, string, error) {
	w := v.last(name)
	switch {
	case w.err == nil:
		return nil, "", syscall.EEXIST
	case w.dir == nil || w.err != syscall.ENOENT:
		return nil, "", w.err
	}
	return w.dir, w.name, v.mayChange(w.dir)
}

// mayChange checks that names can be made and removed in a directory.
func (v *View) mayChange(dir *pos) error {
	if err := v.writable(dir); err != nil {
		return err
	}
	return v.cred.may(dir.n, mayWrite|mayExec)
}

// existing resolves a path whose last name is to be taken away or changed. It
// returns dots for a path that ends in "." or "..", and EBUSY for the root.
func (v *View) existing(name string, dots syscall.Errno) (walked, error) {
	w := v.last(name)
	switch {
	case w.err != nil:
		return w, w.err
	case w.dots != "":
		return w, dots
	}
	return w, v.mayTake(&w, name)
}

// last resolves a path whose last name is not to be followed, whatever slashes
// come after it.
func (v *View) last(name string) walked {
	trimmed := strings.TrimRight(name, "/")
	if trimmed == "" && name != "" {
		trimmed = "/"
	}
	return v.walk(trimmed, false)
}

// mayTake checks that a name can be taken out of its directory.
func (v *View) mayTake(w *walked, name string) error {
	if w.name == "" || v.fs.busy(w.dir.trie, w.name) {
		return syscall.EBUSY
	}
	if w.at.n.kind() != ModeDir && strings.HasSuffix(name, "/") {
		return syscall.ENOTDIR
	}
	if err := v.writable(w.dir); err != nil {
		return err
	}
	return v.cred.mayRemove(w.dir.n, w.at.n)
}

// Stat describes the file at name; a last symbolic link is followed if follow
// is true. A magic link is a *Magic error.
func (v View) Stat(name string, follow bool) (Stat, error) {
	p, err := v.find(name, follow)
	if err != nil {
		return Stat{}, err
	}
	if follow && p.n.kind() == ModeSymlink {
		return Stat{}, magicOf(p.n)
	}
	return p.n.stat()
}

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

// Readlink returns where a symbolic link leads.
func (v View) Readlink(name string) (string, error) {
	p, err := v.find(name, false)
	if err != nil {
		return "", err
	}
	return p.n.readlink(v.pid)
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

// Statfs describes the file system that holds name.
func (v View) Statfs(name string) (Statfs, error) {
	p, err := v.find(name, true)
	if err != nil {
		return Statfs{}, err
	}
	st := p.n.statfs()
	st.ReadOnly = st.ReadOnly || p.in.readOnly
	return st, nil
}

// Access checks that the file at name may be executed, and is a regular file.
func (v View) Access(name string) error {
	p, err := v.find(name, true)
	if err != nil {
		return err
	}
	st, err := p.n.stat()
	if err != nil {
		return err
	}
	if st.Mode&ModeType != ModeFile || st.Mode&0o111 == 0 {
		return syscall.EACCES
	}
	return v.cred.may(p.n, mayExec)
}

// ReadFile returns the contents of a file; EFBIG if it has more than max bytes.
func (v View) ReadFile(name string, max int64) ([]byte, error) {
	f, err := v.Open(name, Read, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(b)) > max {
		err = syscall.EFBIG
	}
	return b, err
}

// WriteFile makes or replaces a file.
func (v View) WriteFile(name string, b []byte, perm uint32) error {
	f, err := v.Open(name, Write|Create|Trunc, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// ReadDir lists a directory, in order of names, without "." and "..".
func (v View) ReadDir(name string) ([]Dirent, error) {
	f, err := v.Open(name, Read|Directory, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	ents, err := f.ReadDir(0)
	return slices.DeleteFunc(slices.Clone(ents), func(e Dirent) bool { return e.Name == "." || e.Name == ".." }), err
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
