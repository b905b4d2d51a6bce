package host

import (
	"kubergarten/wasm/host/vfs"
)

// file is an open file as an object. It is always ready.
type file struct {
	unwatched
	f *vfs.File
}

func (f *file) read(_ *Process, b []byte) (int, errno) {
	n, err := f.f.Read(b)
	if n > 0 {
		err = nil
	}
	return n, toErrno(err)
}

func (f *file) write(_ *Process, b []byte) (int, errno) {
	n, err := f.f.Write(b)
	if n > 0 {
		err = nil
	}
	return n, toErrno(err)
}

func (f *file) poll(*Process) readiness {
	r := readiness{read: true, write: true, n: 1}
	if st, err := f.f.Stat(); err == nil && st.Mode&vfs.ModeType == vfs.ModeFile {
		off, _ := f.f.Seek(0, 1)
		r.n = uint64(max(st.Size-off, 0))
	}
	return r
}

func (f *file) filetype() uint8 { return typeOf(f.f.Kind()) }
func (f *file) label() string   { return f.f.Path() }
func (f *file) close()          { _ = f.f.Close() }

// rootFD is the number of the preopened directory: libc looks for it there.
const rootFD = 3

// openRoot gives the process its preopened directory.
func (p *Process) openRoot() error {
	f, err := p.view.Open("/", vfs.Read|vfs.Directory, 0)
	if err != nil {
		return err
	}
	d := newDescriptor(&file{f: f})
	d.root = true
	p.install(rootFD, d)
	return nil
}
