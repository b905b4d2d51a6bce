package vfs

import (
	"os"
	"path"
	"strings"
	"syscall"
	"time"
)

// hostNode is a file of the node. It is known by its name: if that is gone, so
// is it, but for open handles.
type hostNode struct {
	fs   *hostFS
	name string
	typ  uint32
}

var _ node = (*hostNode)(nil)

func (n *hostNode) kind() uint32 { return n.typ }

func (n *hostNode) statfs() Statfs { return n.fs.statfs() }

func (n *hostNode) stat() (Stat, error) {
	r, err := n.fs.top()
	if err != nil {
		return Stat{}, err
	}
	st, err := r.Lstat(n.name)
	if err != nil {
		return Stat{}, errno(err)
	}
	return toStat(st), nil
}

func (n *hostNode) child(name string) string { return path.Join(n.name, name) }

func (n *hostNode) lookup(name string) (node, error) {
	if n.typ != ModeDir {
		return nil, syscall.ENOTDIR
	}
	return n.fs.at(n.child(name))
}

func (n *hostNode) readdir() ([]Dirent, error) {
	r, err := n.fs.top()
	if err != nil {
		return nil, err
	}
	f, err := r.Open(n.name)
	if err != nil {
		return nil, errno(err)
	}
	defer f.Close()
	ents, err := f.ReadDir(-1)
	if err != nil {
		return nil, errno(err)
	}
	out := make([]Dirent, 0, len(ents))
	for i, e := range ents {
		out = append(out, Dirent{Name: e.Name(), Ino: direntIno(e, uint64(i)+1), Kind: typeBits(e.Type())})
	}
	return out, nil
}

// do runs a change of names in the mounted directory.
func (n *hostNode) do(f func(r *os.Root) error) error {
	if n.typ != ModeDir {
		return syscall.ENOTDIR
	}
	r, err := n.fs.top()
	if err != nil {
		return err
	}
	return errno(f(r))
}

func (n *hostNode) create(name string, perm uint32, _ Cred) (node, error) {
	if err := n.fs.charge(0, 1); err != nil {
		return nil, err
	}
	err := n.do(func(r *os.Root) error {
		f, err := r.OpenFile(n.child(name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode(perm))
		if err != nil {
			return err
		}
		return f.Close()
	})
	if err != nil {
		return nil, err
	}
	return &hostNode{fs: n.fs, name: n.child(name), typ: ModeFile}, nil
}

func (n *hostNode) mkdir(name string, perm uint32, _ Cred) error {
	if err := n.fs.charge(0, 1); err != nil {
		return err
	}
	return n.do(func(r *os.Root) error { return r.Mkdir(n.child(name), fileMode(perm&0o777)) })
}

// symlink makes a link. Its target is only ever read by walks inside the
// container, so it may say anything.
func (n *hostNode) symlink(name, target string, _ Cred) error {
	if err := n.fs.charge(0, 1); err != nil {
		return err
	}
	return n.do(func(r *os.Root) error { return r.Symlink(target, n.child(name)) })
}

func (n *hostNode) link(name string, to node) error {
	old, ok := to.(*hostNode)
	if !ok || old.fs != n.fs {
		return syscall.EXDEV
	}
	if old.typ == ModeDir {
		return syscall.EPERM
	}
	return n.do(func(r *os.Root) error { return r.Link(old.name, n.child(name)) })
}

func (n *hostNode) unlink(name string) error {
	n.fs.shrunk()
	return n.do(func(r *os.Root) error {
		if st, err := r.Lstat(n.child(name)); err == nil && st.IsDir() {
			return syscall.EISDIR
		}
		return r.Remove(n.child(name))
	})
}

func (n *hostNode) rmdir(name string) error {
	n.fs.shrunk()
	return n.do(func(r *os.Root) error {
		if st, err := r.Lstat(n.child(name)); err == nil && !st.IsDir() {
			return syscall.ENOTDIR
		}
		return r.Remove(n.child(name))
	})
}

func (n *hostNode) rename(name string, to node, toName string) error {
	dir, ok := to.(*hostNode)
	if !ok || dir.fs != n.fs {
		return syscall.EXDEV
	}
	n.fs.shrunk()
	from, into := n.child(name), dir.child(toName)
	return n.do(func(r *os.Root) error {
		if err := makeWay(r, from, into); err != nil || from == into {
			return err
		}
		return r.Rename(from, into)
	})
}

// makeWay removes an empty directory that a rename is to replace, for package
// os refuses that.
func makeWay(r *os.Root, from, into string) error {
	old, err := r.Lstat(into)
	if err != nil || !old.IsDir() || from == into { // the walk has found from
		return nil // Rename will tell
	}
	st, err := r.Lstat(from)
	switch {
	case err != nil:
		return err
	case strings.HasPrefix(from, into+"/"):
		return syscall.ENOTEMPTY
	case !st.IsDir():
		return syscall.EISDIR
	case strings.HasPrefix(into, from+"/"):
		return syscall.EINVAL
	}
	return r.Remove(into)
}

func (n *hostNode) readlink(int) (string, error) {
	if n.typ != ModeSymlink {
		return "", syscall.EINVAL
	}
	r, err := n.fs.top()
	if err != nil {
		return "", err
	}
	s, err := r.Readlink(n.name)
	return s, errno(err)
}

func (n *hostNode) setattr(a attrs) error {
	r, err := n.fs.top()
	if err != nil {
		return err
	}
	if a.uid != nil && *a.uid != 0 || a.gid != nil && *a.gid != 0 {
		return syscall.EPERM
	}
	if a.perm != nil {
		if err := r.Chmod(n.name, fileMode(*a.perm)); err != nil {
			return errno(err)
		}
	}
	if a.atim != nil || a.mtim != nil {
		return errno(r.Chtimes(n.name, orZero(a.atim), orZero(a.mtim)))
	}
	return nil
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (n *hostNode) open(f Flags) (handle, error) {
	if n.typ != ModeFile && n.typ != ModeDir {
		return nil, syscall.EACCES
	}
	r, err := n.fs.top()
	if err != nil {
		return nil, err
	}
	file, err := r.OpenFile(n.name, osFlags(f), 0)
	if err != nil {
		return nil, errno(err)
	}
	return &hostFile{n: n, f: file, appends: f&Append != 0}, nil
}
