package image

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"kubergarten/wasm/fuel"
)

// initial is the memory with which all instances of a program begin: a file in
// memory, which each maps for itself, copy on write.
type initial struct {
	file     *os.File // nil: there is nothing in it, or the system has no such files
	size     uint64   // of file, in whole system pages
	segments []fuel.Segment
}

func newInitial(segments []fuel.Segment) *initial {
	i := &initial{segments: segments}
	if err := i.write(); err != nil {
		i.close()
	}
	return i
}

// write makes the file.
func (i *initial) write() error {
	end := uint64(0)
	for _, s := range i.segments {
		end = max(end, uint64(s.Offset)+uint64(len(s.Bytes)))
	}
	if end == 0 {
		return nil
	}
	fd, err := unix.MemfdCreate("kubergarten", unix.MFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("memfd_create: %w", err)
	}
	i.file = os.NewFile(uintptr(fd), "memfd:kubergarten")
	i.size = roundUp(end)
	image := make([]byte, i.size)
	for _, s := range i.segments {
		copy(image[s.Offset:], s.Bytes)
	}
	if _, err := i.file.Write(image); err != nil {
		return fmt.Errorf("write the initial memory: %w", err)
	}
	i.segments = nil // the file has them
	return nil
}

func (i *initial) close() {
	if i.file != nil {
		_ = i.file.Close()
		i.file, i.size = nil, 0
	}
}

// instance makes the memory of one instance, which may grow to limit bytes, and
// to most, if that is positive, for now.
func (i *initial) instance(limit uint64, most int64) pages {
	reserve := min(limit, 1<<32)
	if most > 0 {
		reserve = min(reserve, max(roundUp(uint64(most)), i.size))
	}
	if m, err := i.mapped(max(reserve, 1<<16)); err == nil {
		return m
	}
	return &slice{segments: i.contents()}
}

// contents reads the segments back, for an instance that could not map them.
func (i *initial) contents() []fuel.Segment {
	if i.file == nil {
		return i.segments
	}
	b := make([]byte, i.size)
	if _, err := i.file.ReadAt(b, 0); err != nil {
		panic(fmt.Errorf("read the initial memory: %w", err)) // it is a file in memory
	}
	return []fuel.Segment{{Bytes: b}}
}

// mapping is an instance's memory: address space that gets pages when touched.
type mapping struct {
	b    []byte // all that is reserved
	more *slice // after it has grown beyond that
}

func (i *initial) mapped(reserve uint64) (pages, error) {
	if i.segments != nil {
		return nil, os.ErrInvalid // there was no file to be made
	}
	b, err := unix.Mmap(-1, 0, int(reserve), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("reserve %d bytes: %w", reserve, err)
	}
	_ = unix.Madvise(b, unix.MADV_NOHUGEPAGE) // a guest touches little of it
	if i.file != nil {
		_, err = unix.MmapPtr(int(i.file.Fd()), 0, unsafe.Pointer(&b[0]), uintptr(i.size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_FIXED|unix.MAP_NORESERVE)
	}
	if err != nil {
		_ = unix.Munmap(b)
		return nil, fmt.Errorf("map the initial memory: %w", err)
	}
	return &mapping{b: b}, nil
}

func (m *mapping) grow(size uint64) []byte {
	if m.more != nil {
		return m.more.grow(size)
	}
	if size <= uint64(len(m.b)) {
		return m.b[:size:size]
	}
	m.more = &slice{b: m.b}
	b := m.more.grow(size)
	m.unmap()
	return b
}

func (m *mapping) free() {
	m.unmap()
	m.more = nil
}

func (m *mapping) unmap() {
	if m.b != nil {
		_ = unix.Munmap(m.b)
		m.b = nil
	}
}

func roundUp(n uint64) uint64 {
	page := uint64(os.Getpagesize())
	return (n + page - 1) / page * page
}
