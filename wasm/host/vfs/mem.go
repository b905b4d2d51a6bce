package vfs

import (
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// memFS is a file system in memory: what was changed, over an image's tree.
// Inodes of the tree are made when they are first looked up and stay, so that
// all who open a file see the same one.
type memFS struct {
	account
	mu     sync.RWMutex // names and attributes of all inodes
	now    func() time.Time
	dev    uint64
	ino    atomic.Uint64
	root   *inode
	linked map[*leaf]*inode // inodes of leaves with more than one name
}

// inode is a file of a memFS. All but fs, ino, typ, target and data is guarded
// by fs.mu.
type inode struct {
	fs             *memFS
	ino            uint64
	typ            uint32
	perm, uid, gid uint32
	mtim, ctim     time.Time
	atim           time.Time
	nlink          uint64
	opens          int
	own            bool // counts as an inode of the quota
	tag            any
	target         string            // of a symbolic link
	parent         *inode            // of a directory
	kids           map[string]*inode // of a directory; nil inode: the image's name is gone
	lower          *leaf             // the image's directory, for names that are not in kids
	data           data
}

var _ node = (*inode)(nil)

// Tmpfs is a new file system in memory. It may be mounted in many containers.
func Tmpfs(q Quota, now func() time.Time) Source {
	m := newMem(nil, q, now)
	m.root.perm = 0o1777
	return memSource{m}
}

type memSource struct{ fs *memFS }

func (s memSource) open() (node, error) { return s.fs.root, nil }
func (s memSource) close() error        { return nil }

func newMem(t *Tree, q Quota, now func() time.Time) *memFS {
	if t == nil {
		t = NewTree()
	}
	if now == nil {
		now = func() time.Time { return time.Time{} }
	}
	m := &memFS{account: account{quota: q}, now: now, linked: map[*leaf]*inode{}}
	m.ino.Store(t.count)
	m.root = m.fromLeaf(t.root)
	m.root.parent = m.root
	return m
}

// fromLeaf makes the inode of an image's file.
func (m *memFS) fromLeaf(l *leaf) *inode {
	n := &inode{
		fs: m, ino: l.ino, typ: l.typ, perm: l.Mode, uid: l.UID, gid: l.GID,
		mtim: l.Mtime, ctim: l.Mtime, atim: l.Mtime, nlink: l.nlink, tag: l.Tag, target: l.target,
	}
	n.data.account = &m.account
	switch {
	case l.typ == ModeDir:
		n.lower, n.kids = l, map[string]*inode{}
	case l.content != nil:
		n.data.base, n.data.size, n.data.baseLen = l.content, l.content.Size(), l.content.Size()
	}
	return n
}

// inode makes a new inode, without a name yet.
func (m *memFS) inode(typ, perm uint32, c Cred) (*inode, error) {
	if !m.account.inode() {
		return nil, syscall.ENOSPC
	}
	now := m.now()
	n := &inode{
		fs: m, ino: m.ino.Add(1), typ: typ, perm: perm & ModePerm, uid: c.UID, gid: c.GID,
		mtim: now, ctim: now, atim: now, nlink: 1, own: true,
	}
	n.data.account = &m.account
	if typ == ModeDir {
		n.kids = map[string]*inode{}
	}
	return n, nil
}

// released frees what a nameless, closed file holds. fs.mu is held.
func (n *inode) released() {
	if n.nlink > 0 || n.opens > 0 {
		return
	}
	n.data.drop()
	if n.own {
		n.own = false
		n.fs.inodes.Add(-1)
		n.fs.give(int64(len(n.target)))
	}
}

func (n *inode) kind() uint32   { return n.typ }
func (n *inode) statfs() Statfs { return n.fs.account.statfs() }

func (n *inode) stat() (Stat, error) {
	n.fs.mu.RLock()
	st := Stat{
		Dev: n.fs.dev, Ino: n.ino, Nlink: n.nlink, Mode: n.typ | n.perm, UID: n.uid, GID: n.gid,
		Atim: n.atim, Mtim: n.mtim, Ctim: n.ctim, Tag: n.tag,
	}
	n.fs.mu.RUnlock()
	switch n.typ {
	case ModeSymlink:
		st.Size = int64(len(n.target))
	case ModeDir:
		st.Size = 4096
	default:
		n.data.mu.RLock()
		st.Size = n.data.size
		n.data.mu.RUnlock()
	}
	return st, nil
}

func (n *inode) readlink(int) (string, error) {
	if n.typ != ModeSymlink {
		return "", syscall.EINVAL
	}
	return n.target, nil
}

func (n *inode) setattr(a attrs) error {
	if a.size != nil {
		if n.typ != ModeFile {
			return syscall.EINVAL
		}
		if err := n.data.truncate(*a.size); err != nil {
			return err
		}
	}
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	n.ctim = n.fs.now()
	set(&n.perm, a.perm)
	set(&n.uid, a.uid)
	set(&n.gid, a.gid)
	set(&n.atim, a.atim)
	set(&n.mtim, a.mtim)
	if a.size != nil {
		n.written()
	}
	return nil
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// written notes that the contents have changed. fs.mu is held.
func (n *inode) written() {
	n.mtim = n.fs.now()
	n.ctim, n.tag = n.mtim, nil
}
