package vfs

import (
	"io"
	"maps"
	"slices"
	"strings"
	"syscall"
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

// Readlink returns where a symbolic link leads.
func (v View) Readlink(name string) (string, error) {
	p, err := v.find(name, false)
	if err != nil {
		return "", err
	}
	return p.n.readlink(v.pid)
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
