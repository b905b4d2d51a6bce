package vfs

import (
	"io"
	"sync"
	"syscall"
	"time"
)

// A File is an open file description. It may be shared by descriptors and
// processes.
type File struct {
	pos  *pos
	view View
	h    handle

	mu     sync.Mutex
	flags  Flags
	off    int64
	ents   []Dirent
	closed bool
}

// Path is the name the file was opened by, from the container's root.
func (f *File) Path() string { return f.pos.path() }

// Kind is the file's type bits.
func (f *File) Kind() uint32 { return f.pos.n.kind() }

// Flags returns the flags it was opened with, and Append as it is now.
func (f *File) Flags() Flags {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.flags
}

// SetAppend makes writes go to the end, or not.
func (f *File) SetAppend(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flags &^= Append
	if on {
		f.flags |= Append
	}
}

func (f *File) readable() error {
	switch {
	case f.pos.n.kind() == ModeDir:
		return syscall.EISDIR
	case f.Flags()&Read == 0:
		return syscall.EBADF
	}
	return nil
}

func (f *File) writable() error {
	if f.Flags()&(Write|Append) == 0 {
		return syscall.EBADF
	}
	return nil
}

// Read reads at the offset and moves it; io.EOF at the end.
func (f *File) Read(p []byte) (int, error) {
	if err := f.readable(); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.h.readAt(p, f.off)
	f.off += int64(n)
	if n == 0 && err == nil && len(p) > 0 {
		err = io.EOF
	}
	return n, err
}

// Write writes at the offset, or at the end, and moves it.
func (f *File) Write(p []byte) (n int, err error) {
	if err := f.writable(); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.flags&Append != 0 {
		n, f.off, err = f.h.append(p)
		return n, err
	}
	n, err = f.h.writeAt(p, f.off)
	f.off += int64(n)
	return n, err
}

// ReadAt reads at off and leaves the offset; 0, nil at the end.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	if err := f.readable(); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, syscall.EINVAL
	}
	return f.h.readAt(p, off)
}

// WriteAt writes at off and leaves the offset; with Append it writes at the
// end, as Linux does.
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	if err := f.writable(); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, syscall.EINVAL
	}
	if f.Flags()&Append != 0 {
		n, _, err := f.h.append(p)
		return n, err
	}
	return f.h.writeAt(p, off)
}

// Seek moves the offset. A directory can only be set to where it begins.
func (f *File) Seek(off int64, whence int) (int64, error) {
	var size int64
	if whence == io.SeekEnd {
		st, err := f.h.stat()
		if err != nil {
			return 0, err
		}
		size = st.Size
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		off += f.off
	case io.SeekEnd:
		off += size
	default:
		return 0, syscall.EINVAL
	}
	if off < 0 {
		return 0, syscall.EINVAL
	}
	f.off = off
	return off, nil
}

// Stat describes the file.
func (f *File) Stat() (Stat, error) { return f.h.stat() }

// Truncate sets the size.
func (f *File) Truncate(size int64) error {
	if f.writable() != nil || f.Kind() != ModeFile {
		return syscall.EINVAL
	}
	return f.h.truncate(size)
}

// Allocate makes sure that the file is at least of that size.
func (f *File) Allocate(size int64) error {
	st, err := f.Stat()
	if err != nil || st.Size >= size {
		return err
	}
	return f.Truncate(size)
}

// Utimes sets the times of access and modification; nil leaves it.
func (f *File) Utimes(atim, mtim *time.Time) error {
	if err := f.view.writable(f.pos); err != nil {
		return err
	}
	return f.h.setattr(attrs{atim: atim, mtim: mtim})
}

// Sync writes the file to disk, where there is one.
func (f *File) Sync() error { return f.h.sync() }

// Close closes the file. It is an error to use it afterwards, but not to close
// it again.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	f.keep(nil)
	return f.h.close()
}
