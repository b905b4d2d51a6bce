package vfs

import "syscall"

// memFile is an open file of a memFS.
type memFile struct{ n *inode }

func (n *inode) open(f Flags) (handle, error) {
	if n.typ == ModeSymlink {
		return nil, syscall.ELOOP
	}
	n.fs.mu.Lock()
	n.opens++
	n.fs.mu.Unlock()
	return memFile{n}, nil
}

func (f memFile) readAt(p []byte, off int64) (int, error) {
	if f.n.typ == ModeDir {
		return 0, syscall.EISDIR
	}
	return f.n.data.readAt(p, off)
}

func (f memFile) writeAt(p []byte, off int64) (int, error) {
	n, err := f.n.data.writeAt(p, off)
	f.touch(n)
	return n, err
}

func (f memFile) append(p []byte) (n int, end int64, err error) {
	n, end, err = f.n.data.append(p)
	f.touch(n)
	return n, end, err
}

// touch notes that n bytes were written.
func (f memFile) touch(n int) {
	if n > 0 {
		f.n.fs.mu.Lock()
		f.n.written()
		f.n.fs.mu.Unlock()
	}
}

func (f memFile) truncate(size int64) error { return f.n.setattr(attrs{size: &size}) }
func (f memFile) stat() (Stat, error)       { return f.n.stat() }
func (f memFile) setattr(a attrs) error     { return f.n.setattr(a) }
func (f memFile) sync() error               { return nil }

func (f memFile) close() error {
	f.n.fs.mu.Lock()
	defer f.n.fs.mu.Unlock()
	f.n.opens--
	f.n.released()
	return nil
}
