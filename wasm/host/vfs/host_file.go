package vfs

import (
	"errors"
	"io"
	"os"
)

// osFlags are the flags to open with. NONBLOCK keeps the open of a pipe that
// was put in the file's place from waiting.
func osFlags(f Flags) int {
	flags := nonblock
	switch {
	case f&Read != 0 && f&(Write|Append) != 0:
		flags |= os.O_RDWR
	case f&(Write|Append) != 0:
		flags |= os.O_WRONLY
	}
	if f&Append != 0 {
		flags |= os.O_APPEND
	}
	return flags
}

// hostFile is an open file of the node.
type hostFile struct {
	n       *hostNode
	f       *os.File
	appends bool // opened with O_APPEND
}

func (h *hostFile) readAt(p []byte, off int64) (int, error) {
	n, err := h.f.ReadAt(p, off)
	if n > 0 || errors.Is(err, io.EOF) {
		return n, nil
	}
	return n, errno(err)
}

func (h *hostFile) writeAt(p []byte, off int64) (int, error) {
	if h.appends {
		n, _, err := h.append(p)
		return n, err
	}
	if err := h.grow(off + int64(len(p))); err != nil {
		return 0, err
	}
	n, err := h.f.WriteAt(p, off)
	return n, errno(err)
}

// grow charges what the file will be larger.
func (h *hostFile) grow(size int64) error {
	if h.n.fs.limit.Bytes <= 0 {
		return nil
	}
	st, err := h.f.Stat()
	if err != nil || size <= st.Size() {
		return errno(err)
	}
	return h.n.fs.charge(size-st.Size(), 0)
}

func (h *hostFile) append(p []byte) (n int, end int64, err error) {
	if err := h.n.fs.charge(int64(len(p)), 0); err != nil {
		return 0, 0, err
	}
	if h.appends {
		n, err = h.f.Write(p)
	}
	st, serr := h.f.Stat()
	if serr != nil {
		return n, 0, errno(serr)
	}
	if !h.appends {
		n, err = h.f.WriteAt(p, st.Size())
		return n, st.Size() + int64(n), errno(err)
	}
	return n, st.Size(), errno(err)
}

func (h *hostFile) truncate(size int64) error {
	if err := h.grow(size); err != nil {
		return err
	}
	h.n.fs.shrunk()
	return errno(h.f.Truncate(size))
}

func (h *hostFile) sync() error { return errno(h.f.Sync()) }

func (h *hostFile) close() error { return errno(h.f.Close()) }

func (h *hostFile) stat() (Stat, error) {
	st, err := h.f.Stat()
	if err != nil {
		return Stat{}, errno(err)
	}
	return toStat(st), nil
}

func (h *hostFile) setattr(a attrs) error {
	if a.size != nil {
		return h.truncate(*a.size)
	}
	return h.n.setattr(a)
}
