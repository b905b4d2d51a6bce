package vfs

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A Config describes a container's root file system.
type Config struct {
	Tree     *Tree // the image; nil: empty
	ReadOnly bool  // no writing to the root file system (mounts have their own say)
	Quota    Quota
	Now      func() time.Time // for modification times
}

// A FS is the file system of a container: its root and mounts.
type FS struct {
	root  *memFS
	kept  atomic.Int64 // entries that open directories remember
	mu    sync.RWMutex // the trie and what hangs on it
	mount *mount       // of the root directory
}

// A Source is something to mount: Host, Tmpfs, or Virtual.
type Source interface {
	open() (node, error)
	close() error
}

// mount is a place in the trie of mount points: something is mounted there
// (root is set), or below it.
type mount struct {
	root     node
	readOnly bool
	source   Source
	below    map[string]*mount
}

// New returns a file system with a root, /dev and /dev/shm mounted.
func New(c Config) *FS {
	m := newMem(c.Tree, c.Quota, c.Now)
	f := &FS{root: m, mount: &mount{root: m.root, readOnly: c.ReadOnly, source: memSource{m}}}
	shm := Tmpfs(Quota{Bytes: 64 << 20, Inodes: 1000}, c.Now)
	err := errors.Join(f.Mount("/dev", Virtual(devDir{}), false), f.Mount("/dev/shm", shm, false))
	if err != nil {
		panic(err) // what lies in memory cannot fail
	}
	return f
}

// Mount puts s at name, in place of what was mounted there. Directories above
// are made as needed; symbolic links on the way are followed inside the
// container.
func (f *FS) Mount(name string, s Source, readOnly bool) error {
	root, err := s.open()
	if err != nil {
		return fmt.Errorf("mount %s: %w", name, err)
	}
	at, err := f.mountPoint(name, root.kind())
	if err != nil {
		return fmt.Errorf("mount %s: %w", name, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if v, isVirtual := root.(*vnode); isVirtual {
		v.born = f.root.now()
	}
	at.root, at.readOnly, at.source = root, readOnly, s
	return nil
}

// Mounted reports whether something is mounted at name, which is a clean path
// without symbolic links.
func (f *FS) Mounted(name string) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	m := f.mount
	for part := range strings.SplitSeq(strings.Trim(name, "/"), "/") {
		if m = m.below[part]; m == nil {
			return false
		}
	}
	return m.root != nil
}

// mountPoint finds or makes the place in the trie for name, and stubs of
// directories above it where there are none.
func (f *FS) mountPoint(name string, kind uint32) (*mount, error) {
	v := f.View(0, Cred{})
	v.force = true
	name = path.Clean("/" + name)
	dir := path.Dir(name)
	if err := v.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	w := v.walk(name, true)
	if errors.Is(w.err, syscall.ENOENT) && w.dir != nil {
		return f.place(append(w.dir.names(), w.name)), nil
	}
	if w.err != nil {
		return nil, w.err
	}
	if (w.at.n.kind() == ModeDir) != (kind == ModeDir) {
		return nil, syscall.ENOTDIR
	}
	return f.place(w.at.names()), nil
}

// place returns the trie's node for a path of names.
func (f *FS) place(names []string) *mount {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.mount
	for _, name := range names {
		if m.below == nil {
			m.below = map[string]*mount{}
		}
		next := m.below[name]
		if next == nil {
			next = &mount{}
			m.below[name] = next
		}
		m = next
	}
	return m
}

// busy reports whether name below m is a mount point or leads to one.
func (f *FS) busy(m *mount, name string) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return m != nil && m.below[name] != nil
}

// Usage is what has been written to the root file system.
func (f *FS) Usage() (bytes, inodes int64) {
	return f.root.bytes.Load(), f.root.inodes.Load()
}

// A Mounted is a line of the mount table.
type Mounted struct {
	Path     string
	Type     string // overlay, tmpfs, bind, or virtual
	ReadOnly bool
}

// Mounts lists the mount table, parents first.
func (f *FS) Mounts() []Mounted {
	f.mu.RLock()
	defer f.mu.RUnlock()
	var out []Mounted
	f.mount.list("/", &out)
	return out
}

func (m *mount) list(at string, out *[]Mounted) {
	if m.root != nil {
		*out = append(*out, Mounted{Path: at, Type: fsType(at, m.source), ReadOnly: m.readOnly})
	}
	for _, name := range sortedKeys(m.below) {
		m.below[name].list(path.Join(at, name), out)
	}
}

func fsType(at string, s Source) string {
	switch s.(type) {
	case memSource:
		if at == "/" {
			return "overlay"
		}
		return "tmpfs"
	case *hostFS:
		return "bind"
	}
	return "virtual"
}

// Close frees what the mounts hold.
func (f *FS) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mount.close()
}

func (m *mount) close() error {
	var errs []error
	if m.source != nil {
		errs = append(errs, m.source.close())
	}
	for _, b := range m.below {
		errs = append(errs, b.close())
	}
	return errors.Join(errs...)
}
