package vfs

import (
	"io"
	"sync"
	"syscall"
)

const (
	chunkSize   = 32 << 10
	maxFileSize = 1 << 40
)

// data is the contents of a regular file in memory: chunks over what the image
// has. A chunk shorter than chunkSize ends in zeros; one that is not there is
// the image's, and beyond baseLen a hole.
type data struct {
	mu      sync.RWMutex
	size    int64
	base    Content
	baseLen int64 // how much of base still shows
	chunks  map[int64][]byte
	account *account
}

// readAt reads at off; at the end it returns 0.
func (d *data) readAt(p []byte, off int64) (n int, err error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if off >= d.size {
		return 0, nil
	}
	p = p[:min(int64(len(p)), d.size-off)]
	for len(p) > 0 {
		i, at := off/chunkSize, off%chunkSize
		part := p[:min(int64(len(p)), chunkSize-at)]
		if err := d.fill(part, i, at); err != nil {
			return n, err
		}
		p, off, n = p[len(part):], off+int64(len(part)), n+len(part)
	}
	return n, nil
}

// fill reads from within chunk i. mu is held.
func (d *data) fill(p []byte, i, at int64) error {
	if c, ok := d.chunks[i]; ok {
		m := 0
		if at < int64(len(c)) {
			m = copy(p, c[at:])
		}
		clear(p[m:])
		return nil
	}
	off, m := i*chunkSize+at, 0
	if d.base != nil && off < d.baseLen {
		var err error
		m, err = d.base.ReadAt(p[:min(int64(len(p)), d.baseLen-off)], off)
		if err != nil && err != io.EOF {
			return syscall.EIO
		}
	}
	clear(p[m:])
	return nil
}

// writeAt writes at off. A write that no longer fits is short; ENOSPC comes if
// nothing fits.
func (d *data) writeAt(p []byte, off int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.write(p, off)
}

// append writes at the end and returns where that is now.
func (d *data) append(p []byte) (n int, end int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err = d.write(p, d.size)
	return n, d.size, err
}

func (d *data) write(p []byte, off int64) (n int, err error) {
	if off < 0 || off > maxFileSize-int64(len(p)) {
		return 0, syscall.EFBIG
	}
	for len(p) > 0 {
		i, at := off/chunkSize, off%chunkSize
		part := p[:min(int64(len(p)), chunkSize-at)]
		c, err := d.chunk(i, at+int64(len(part)))
		if err != nil {
			if n > 0 {
				err = nil
			}
			return n, err
		}
		copy(c[at:], part)
		p, off, n = p[len(part):], off+int64(len(part)), n+len(part)
		d.size = max(d.size, off)
	}
	return n, nil
}

// chunk returns chunk i, writable up to length need. mu is held.
func (d *data) chunk(i, need int64) ([]byte, error) {
	c, ok := d.chunks[i]
	if !ok {
		need = max(need, min(chunkSize, d.baseLen-i*chunkSize)) // what it copies up
	}
	if int64(len(c)) >= need {
		return c, nil
	}
	grown := int64(512)
	for grown < need {
		grown *= 2
	}
	if !d.account.take(grown - int64(len(c))) {
		return nil, syscall.ENOSPC
	}
	b := make([]byte, grown)
	if ok {
		copy(b, c)
	} else if err := d.fill(b, i, 0); err != nil {
		d.account.give(grown)
		return nil, err
	}
	if d.chunks == nil {
		d.chunks = map[int64][]byte{}
	}
	d.chunks[i] = b
	return b, nil
}

// truncate sets the size. What comes into view when it grows is zeros.
func (d *data) truncate(size int64) error {
	if size < 0 {
		return syscall.EINVAL
	}
	if size > maxFileSize {
		return syscall.EFBIG
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if size < d.size {
		d.cut(size)
	}
	d.size = size
	return nil
}

// cut drops what lies at and beyond size. mu is held.
func (d *data) cut(size int64) {
	d.baseLen = min(d.baseLen, size)
	for i, c := range d.chunks {
		start := i * chunkSize
		if start >= size {
			d.account.give(int64(len(c)))
			delete(d.chunks, i)
		} else if end := size - start; end < int64(len(c)) {
			clear(c[end:])
		}
	}
}

// drop frees everything: no name and no handle is left.
func (d *data) drop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut(0)
	d.base, d.size = nil, 0
}
