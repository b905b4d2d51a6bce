package host

import (
	"io"
	"syscall"
)

// until calls try until it no longer says EAGAIN, and waits in between, also
// while the process is stopped.
func (n *native) until(try func() (int, errno)) (int, errno) {
	for {
		next := n.next() // before looking, so that no change is missed
		if !n.p.stopped.Load() || n.finished() {
			if m, e := try(); e != eAGAIN {
				return m, e
			}
		}
		select {
		case <-next:
		case <-n.over:
			return 0, eINTR
		case <-n.p.dying.Done():
			return 0, eINTR
		}
	}
}

// nativeReader reads a descriptor, and takes nothing before it is asked to.
type nativeReader struct {
	n   *native
	obj object
}

// Read implements io.Reader.
func (r *nativeReader) Read(b []byte) (int, error) {
	m, e := r.n.until(func() (int, errno) { return r.try(b) })
	switch {
	case e == eINTR:
		return 0, io.ErrClosedPipe
	case e != ok:
		return 0, e.system()
	case m == 0 && len(b) > 0:
		return 0, io.EOF
	}
	return m, nil
}

func (r *nativeReader) try(b []byte) (int, errno) {
	r.n.reading.Lock()
	defer r.n.reading.Unlock()
	if r.n.finished() {
		return 0, eINTR
	}
	return r.obj.read(r.n.p, b)
}

// nativeWriter writes to a descriptor; obj is nil if that is closed.
type nativeWriter struct {
	n   *native
	fd  uint32
	obj object
}

func (n *native) writer(fd uint32) *nativeWriter {
	w := &nativeWriter{n: n, fd: fd}
	if d, found := n.p.descriptor(fd); found {
		w.obj = d.open.obj
	}
	return w
}

// Write implements io.Writer.
func (w *nativeWriter) Write(b []byte) (done int, err error) {
	for done < len(b) {
		m, e := w.n.until(func() (int, errno) { return w.try(b[done:]) })
		done += m
		if e == ok && m == 0 {
			e = eIO
		}
		if e != ok {
			return done, w.fail(e)
		}
	}
	return done, nil
}

// try writes what there is room for, also the last words of a program that must
// end. The streams of the host's own speak to the
// guest's goroutine by a panic, which must not reach the program's.
func (w *nativeWriter) try(b []byte) (m int, e errno) {
	w.n.writing.RLock()
	defer w.n.writing.RUnlock()
	switch {
	case w.n.returned():
		return 0, eINTR
	case w.obj == nil:
		return 0, eBADF
	}
	defer func() {
		if r := recover(); r != nil {
			_ = w.n.p.crashed(r) // it logs what nobody has meant
			m, e = 0, eINTR
		}
	}()
	return w.obj.write(w.n.p, b)
}

// fail notes that output is lost: to a reader that went away it is the end of
// the program, as on Linux.
func (w *nativeWriter) fail(e errno) error {
	p := w.n.p
	switch {
	case e == eINTR:
		return io.ErrClosedPipe
	case e == ePIPE && p.pid != 1:
		p.die(bySignal(sigPIPE))
	case w.fd == 1:
		w.n.failed.CompareAndSwap(0, uint32(e.system()))
	}
	return e.system()
}

// system is the error as programs of this machine know it.
func (e errno) system() syscall.Errno {
	for _, sys := range []syscall.Errno{
		syscall.EBADF, syscall.EDQUOT, syscall.EFBIG, syscall.EISDIR, syscall.EINVAL, syscall.ENOSPC, syscall.EPIPE, syscall.EROFS, syscall.ESTALE, syscall.ECONNRESET, syscall.ENOTCONN,
	} {
		if fromSyscall(sys) == e {
			return sys
		}
	}
	return syscall.EIO
}
