package vfs

import (
	"io/fs"
	"os"
	"sync"
	"syscall"
)

// budget bounds a mounted directory of the node. It counts what is added, and
// counts anew when that seems too much and something may have gone meanwhile.
type budget struct {
	limit Quota

	amu           sync.Mutex
	bytes, inodes int64
	known         bool // they were counted
	less          bool // something has gone since
	refused       int  // charges since then
}

// recount is how many refusals cause a count although nothing is known to have
// gone: others may have removed it.
const recount = 100

// shrunk notes that something has gone.
func (b *budget) shrunk() {
	b.amu.Lock()
	defer b.amu.Unlock()
	b.less = true
}

// Recount makes the quotas of all mounted directories of the node count anew
// what is there: somebody else has written to them.
func (f *FS) Recount() {
	f.mu.RLock()
	defer f.mu.RUnlock()
	f.mount.recount()
}

func (m *mount) recount() {
	if h, is := m.source.(*hostFS); is {
		h.amu.Lock()
		h.known = false
		h.amu.Unlock()
	}
	for _, b := range m.below {
		b.recount()
	}
}

// charge accounts for more bytes and inodes, or returns ENOSPC.
func (h *hostFS) charge(bytes, inodes int64) error {
	b := &h.budget
	if b.limit == (Quota{}) {
		return nil
	}
	b.amu.Lock()
	defer b.amu.Unlock()
	if !b.known {
		h.count()
	}
	if !b.fits(bytes, inodes) {
		if b.refused++; b.less || b.refused%recount == 0 {
			h.count()
		}
		if !b.fits(bytes, inodes) {
			return syscall.ENOSPC
		}
	}
	b.bytes += bytes
	b.inodes += inodes
	return nil
}

func (b *budget) fits(bytes, inodes int64) bool {
	q := b.limit
	return (q.Bytes <= 0 || b.bytes+bytes <= q.Bytes) && (q.Inodes <= 0 || b.inodes+inodes <= q.Inodes)
}

// count looks at all that is there. amu is held.
func (h *hostFS) count() {
	b := &h.budget
	b.bytes, b.inodes, b.known, b.less = 0, 0, true, false
	if r, err := h.top(); err == nil {
		used := Usage(r)
		b.bytes, b.inodes = used.Bytes, used.Inodes
	}
}

// Usage is what lies in a directory of the node, as a quota counts it.
func Usage(dir *os.Root) (used Quota) {
	_ = fs.WalkDir(dir.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return nil
		}
		used.Inodes++
		if st, err := d.Info(); err == nil && st.Mode().IsRegular() {
			used.Bytes += st.Size()
		}
		return nil
	})
	return used
}

func (h *hostFS) statfs() Statfs {
	b := &h.budget
	b.amu.Lock()
	defer b.amu.Unlock()
	if b.limit != (Quota{}) && !b.known {
		h.count()
	}
	return left(b.limit, b.bytes, b.inodes)
}
