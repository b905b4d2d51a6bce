package host

import (
	"sync/atomic"
)

// WASI's types of files.
const (
	typeUnknown = 0
	typeBlock   = 1
	typeChar    = 2
	typeDir     = 3
	typeFile    = 4
	typeDgram   = 5
	typeStream  = 6
	typeSymlink = 7
)

// object is what descriptors name. Its methods never block and may be called
// from any goroutine.
type object interface {
	read(p *Process, b []byte) (int, errno)  // EAGAIN: nothing yet; 0, ok: the end
	write(p *Process, b []byte) (int, errno) // EAGAIN: no room
	poll(p *Process) readiness
	filetype() uint8
	watch(p *Process) // p is woken when poll's answer may have changed
	unwatch(p *Process)
	close()        // no descriptor is left
	label() string // as in /proc/PID/fd
}

// readiness says what can be done without waiting.
type readiness struct {
	read, write bool
	hangup      bool
	n           uint64 // bytes to be read, if known
}

// open is an open object, shared by all descriptors that were copied from the
// first one, in any process.
type open struct {
	refs atomic.Int32
	obj  object
}

// descriptor is an entry of a process's table.
type descriptor struct {
	open     *open
	nonblock bool
	root     bool // the preopened directory
}

func newDescriptor(o object) descriptor { return descriptor{open: &open{obj: o}} }

func (o *open) retain() { o.refs.Add(1) }

func (o *open) release() {
	if o.refs.Add(-1) == 0 {
		o.obj.close()
	}
}

// closeAll closes descriptors that no process has got yet.
func closeAll(fds []descriptor) {
	for _, d := range fds {
		if d.open != nil {
			d.open.retain()
		}
	}
	for _, d := range fds {
		if d.open != nil {
			d.open.release()
		}
	}
}

// install puts d in the process's table at fd, in place of what was there.
func (p *Process) install(fd int, d descriptor) {
	if d.open != nil {
		d.open.retain()
		d.open.obj.watch(p)
	}
	p.mu.Lock()
	for len(p.fds) <= fd {
		p.fds = append(p.fds, descriptor{})
	}
	old := p.fds[fd]
	p.fds[fd] = d
	p.mu.Unlock()
	p.let(old)
}

// let gives up a descriptor that was taken out of the table.
func (p *Process) let(d descriptor) {
	if d.open != nil {
		d.open.obj.unwatch(p)
		d.open.release()
	}
}

// newFD installs d at the lowest free number.
func (p *Process) newFD(d descriptor) (uint32, errno) {
	fd := p.freeFD()
	if fd >= p.cfg.Limits.FDs {
		return 0, eMFILE
	}
	p.install(fd, d)
	return uint32(fd), ok
}

// fits returns EMFILE if there is no room for n more descriptors.
func (p *Process) fits(n int) errno {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.fds {
		if d.open != nil {
			n++
		}
	}
	if n > p.cfg.Limits.FDs {
		return eMFILE
	}
	return ok
}

func (p *Process) freeFD() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, d := range p.fds {
		if d.open == nil {
			return i
		}
	}
	return len(p.fds)
}

// descriptor finds a descriptor by its number.
func (p *Process) descriptor(fd uint32) (descriptor, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if uint64(fd) >= uint64(len(p.fds)) || p.fds[fd].open == nil {
		return descriptor{}, false
	}
	return p.fds[fd], true
}

// setNonblock sets the descriptor's own flag.
func (p *Process) setNonblock(fd uint32, on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fds[fd].nonblock = on
}

// closeFD closes a descriptor.
func (p *Process) closeFD(fd uint32) errno {
	p.mu.Lock()
	if uint64(fd) >= uint64(len(p.fds)) || p.fds[fd].open == nil {
		p.mu.Unlock()
		return eBADF
	}
	d := p.fds[fd]
	p.fds[fd] = descriptor{}
	p.mu.Unlock()
	p.let(d)
	return ok
}

// closeFDs closes all descriptors of a process that has ended.
func (p *Process) closeFDs() {
	p.mu.Lock()
	fds := p.fds
	p.fds = nil
	p.mu.Unlock()
	for _, d := range fds {
		p.let(d)
	}
}
