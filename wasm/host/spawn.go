package host

import (
	"encoding/json"
	"errors"
	"path"
	"strings"
	"syscall"
)

// spawn is the request of proc_spawn and proc_exec.
type spawn struct {
	Path       string   `json:"path"`
	Args       []string `json:"args"`
	Env        []string `json:"env"`
	Dir        string   `json:"dir"`
	FDs        []int    `json:"fds"`
	Background bool     `json:"background"`

	prog *Program // of an exec
	fds  []descriptor
}

// request reads a spawn's request and finds its descriptors.
func (p *Process) request(ptr, n uint32) (*spawn, errno) {
	if n > maxSpawn {
		return nil, e2BIG
	}
	raw, e := p.mem.bytes(ptr, n)
	if e != ok {
		return nil, e
	}
	s := &spawn{}
	if json.Unmarshal(raw, s) != nil || !path.IsAbs(s.Path) || len(s.FDs) > p.cfg.Limits.FDs {
		return nil, eINVAL
	}
	if !path.IsAbs(s.Dir) {
		s.Dir = "/"
	}
	s.Env = withPWD(s.Env, s.Dir)
	for i, fd := range s.FDs {
		d := descriptor{}
		if i == rootFD && fd >= 0 {
			return nil, eINVAL
		}
		if fd >= 0 {
			var found bool
			if d, found = p.descriptor(uint32(fd)); !found {
				return nil, eBADF
			}
		}
		d.root, d.nonblock = false, false
		s.fds = append(s.fds, d)
	}
	return s, p.enterable(s.Dir)
}

// enterable checks a working directory.
func (p *Process) enterable(dir string) errno {
	st, err := p.view.Stat(dir, true)
	switch {
	case err != nil:
		return toErrno(err)
	case !st.IsDir():
		return eNOTDIR
	}
	return ok
}

// withPWD sets PWD, which is what guests take for their working directory.
func withPWD(env []string, dir string) []string {
	out := make([]string, 0, len(env)+1)
	for _, e := range env {
		if !strings.HasPrefix(e, "PWD=") {
			out = append(out, e)
		}
	}
	return append(out, "PWD="+dir)
}

// apply puts what the request says into a process's config.
func (s *spawn) apply(c *Config) {
	c.Path, c.Args, c.Env, c.Dir = s.Path, s.Args, s.Env, s.Dir
	c.background = c.background || s.Background
	if len(c.Args) == 0 {
		c.Args = []string{s.Path}
	}
}

func procSpawn(p *Process, a args) errno {
	s, e := p.request(a.u32(0), a.u32(1))
	if e != ok {
		return e
	}
	if _, e := p.mem.bytes(a.u32(2), 4); e != ok {
		return e
	}
	cfg := p.cfg
	s.apply(&cfg)
	kid, err := start(p.base, cfg, s.fds, p)
	if err != nil {
		return spawnError(err)
	}
	return p.mem.putU32(a.u32(2), uint32(kid.pid))
}

// spawnError is the errno of a program that cannot be run: whatever a loader
// has against a file that is there makes it no program.
func spawnError(err error) errno {
	var sys syscall.Errno
	if e := toErrno(err); e != eIO || errors.As(err, &sys) {
		return e
	}
	return eNOEXEC
}

// procExec goes on as another program. It returns only if that fails.
func procExec(p *Process, a args) errno {
	s, e := p.request(a.u32(0), a.u32(1))
	if e != ok {
		return e
	}
	next := &Process{cfg: p.cfg}
	s.apply(&next.cfg)
	prog, err := next.load(p.dying)
	if err != nil {
		return spawnError(err)
	}
	s.Path, s.Args, s.prog = next.cfg.Path, next.cfg.Args, prog
	for _, d := range s.fds {
		if d.open != nil {
			d.open.retain()
		}
	}
	p.exec = s
	panic(&dying{&Exit{}}) // out of this guest; Process.run goes on
}

// replace makes the process what an exec asked for. The old instance is gone.
func (p *Process) replace() error {
	s := p.exec
	p.exec = nil
	p.mu.Lock()
	s.apply(&p.cfg)
	if p.cpu != nil {
		p.spent += p.cpu.Used()
		p.cpu = nil
	}
	p.mu.Unlock()
	p.prog, p.mem = s.prog, memory{}
	p.closeFDs() // signals that waited go with the last signalfd
	for i, d := range s.fds {
		p.install(i, d)
		if d.open != nil {
			d.open.release()
		}
	}
	return p.openRoot()
}
