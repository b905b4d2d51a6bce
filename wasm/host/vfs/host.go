package vfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"syscall"
)

// hostFS is a file or directory of the node, mounted in a container. All
// access goes through an os.Root of its own directory, so that neither a path
// nor a race with symbolic links leads out of it. The root is opened when it is
// first needed: most volumes are never looked at.
type hostFS struct {
	node *os.Root // the node's files
	dir  string   // the mounted directory, or the one of the mounted file
	file string   // the mounted file's name in it, or ""
	id   fs.FileInfo
	budget

	mu     sync.Mutex
	root   *os.Root // of dir
	closed bool
}

// Host is the file or directory at name in root: a volume of the node. Links in
// name are followed once, now, inside root; nothing leads out of it later.
func Host(root *os.Root, name string) (Source, error) { return HostQuota(root, name, Quota{}) }

// HostQuota is Host with a bound on what the directory may hold in all before
// writing to it through this mount is ENOSPC.
func HostQuota(root *os.Root, name string, q Quota) (Source, error) {
	name, err := follow(root, name)
	if err != nil {
		return nil, err
	}
	st, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	h := &hostFS{node: root, dir: name, budget: budget{limit: q}}
	if !st.IsDir() {
		h.dir, h.file = path.Dir(name), path.Base(name)
	}
	h.id, err = root.Stat(h.dir)
	return h, err
}

// follow resolves the symbolic links of a path in root. Absolute ones and those
// that lead up are refused: who can write to a volume could otherwise have any
// file of the node mounted, by a subPath.
func follow(root *os.Root, name string) (string, error) {
	done, rest := ".", path.Clean("/" + name)[1:]
	for links := 0; rest != ""; {
		var first string
		first, rest, _ = strings.Cut(rest, "/")
		next := path.Join(done, first)
		st, err := root.Lstat(next)
		if err != nil {
			return "", err
		}
		if st.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		target, err := root.Readlink(next)
		if err != nil {
			return "", err
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "mount", Path: name, Err: syscall.ELOOP}
		}
		if !fs.ValidPath(path.Clean(target)) {
			return "", fmt.Errorf("mount %s: link %s leads to %s: %w", name, next, target, syscall.EPERM)
		}
		rest = path.Join(path.Clean(target), rest)
	}
	return done, nil
}

// open returns what is mounted.
func (h *hostFS) open() (node, error) {
	name := "."
	if h.file != "" {
		name = h.file
	}
	return h.at(name)
}

// top returns the root of the mounted directory. It is refused if the
// directory is no longer the one that was mounted.
func (h *hostFS) top() (*os.Root, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, syscall.EIO
	}
	if h.root != nil {
		return h.root, nil
	}
	r, err := h.node.OpenRoot(h.dir)
	if err != nil {
		return nil, errno(err)
	}
	if st, err := r.Stat("."); err != nil || !os.SameFile(st, h.id) {
		r.Close()
		return nil, syscall.ESTALE
	}
	h.root = r
	return r, nil
}

func (h *hostFS) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	if h.root == nil {
		return nil
	}
	return h.root.Close()
}

// at returns the node of a name below the mounted directory.
func (h *hostFS) at(name string) (node, error) {
	r, err := h.top()
	if err != nil {
		return nil, err
	}
	st, err := r.Lstat(name)
	if err != nil {
		return nil, errno(err)
	}
	return &hostNode{fs: h, name: name, typ: typeBits(st.Mode())}, nil
}

// typeBits are a file's type bits, as Linux has them.
func typeBits(m fs.FileMode) uint32 {
	switch m.Type() {
	case 0:
		return ModeFile
	case fs.ModeDir:
		return ModeDir
	case fs.ModeSymlink:
		return ModeSymlink
	}
	return ModeChar // pipes, sockets and devices of the node cannot be opened
}

// errno gets the system's error out of what package os returns.
func errno(err error) error {
	var e syscall.Errno
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	case errors.Is(err, fs.ErrNotExist):
		return syscall.ENOENT
	case errors.Is(err, fs.ErrExist):
		return syscall.EEXIST
	case errors.Is(err, fs.ErrPermission):
		return syscall.EACCES
	case strings.Contains(err.Error(), "escapes"): // a link that was swapped under us
		return syscall.EACCES
	}
	return fmt.Errorf("%w: %w", syscall.EIO, err)
}

// toStat turns what package os knows into a Stat. Files of the server's own
// user are root's in the container.
func toStat(st fs.FileInfo) Stat {
	out := Stat{
		Nlink: 1, Size: st.Size(), Mtim: st.ModTime(), Atim: st.ModTime(), Ctim: st.ModTime(),
		Mode: typeBits(st.Mode()) | permBits(st.Mode()),
	}
	sysStat(st, &out)
	return out
}

func permBits(m fs.FileMode) uint32 {
	p := uint32(m.Perm())
	for bit, mode := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if m&mode != 0 {
			p |= bit
		}
	}
	return p
}

func fileMode(perm uint32) fs.FileMode {
	m := fs.FileMode(perm & 0o777)
	if perm&0o1000 != 0 {
		m |= fs.ModeSticky
	}
	return m
}
