package host

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"kubergarten/wasm/host/vfs"
)

// pidDir is /proc/PID.
type pidDir struct {
	*ProcConfig
	p *Process
}

// image is what a process runs; an exec changes it.
func (p *Process) image() (exe, dir string, args, env []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cfg.Path, p.cfg.Dir, p.cfg.Args, p.cfg.Env
}

func (d pidDir) files() table {
	exe, dir, args, env := d.p.image()
	zeros := func(list []string) func() string {
		return func() string {
			if len(list) == 0 || d.PIDs.gone(d.p) {
				return ""
			}
			return strings.Join(list, "\x00") + "\x00"
		}
	}
	t := table{
		"cmdline": textEntry(zeros(args)),
		"environ": {Perm: 0o400, Read: func() []byte { return []byte(zeros(env)()) }},
		"comm":    textEntry(func() string { return d.comm() + "\n" }),
		"stat":    textEntry(d.stat),
		"statm":   textEntry(d.statm),
		"status":  textEntry(d.status),
		"cgroup":  textEntry(func() string { return "0::/\n" }),
		"mounts":  textEntry(d.mounts),
		"cwd":     linkEntry(func(int) string { return dir }),
		"exe":     linkEntry(func(int) string { return exe }),
		"root":    linkEntry(func(int) string { return "/" }),
		"fd":      {Perm: 0o500, Dir: fdDir{d.p}},
	}
	return t
}

// comm is the name of the program, as ps shows it.
func (d pidDir) comm() string {
	_, _, args, _ := d.p.image()
	name := path.Base(args[0])
	return name[:min(len(name), 15)]
}

func (d pidDir) stat() string {
	p, ticks := d.p, func(t time.Duration) int64 { return int64(t * hertz / time.Second) }
	f := make([]int64, 53) // as proc_pid_stat(5) numbers them
	f[4], f[5], f[6] = int64(d.PIDs.parentOf(p)), int64(p.pid), int64(p.pid)
	f[8], f[14], f[20] = -1, ticks(p.CPU()), 1
	if p.cfg.TTY != nil {
		f[7] = 136 << 8
	}
	f[18] = 20
	f[22] = ticks(p.begun.Sub(d.Boot))
	f[23], f[24], f[25] = p.Memory(), p.Memory()/4096, -1
	f[38] = sigCHLD
	var b strings.Builder
	fmt.Fprintf(&b, "%d (%s) %c", p.pid, d.comm(), d.PIDs.state(p))
	for _, n := range f[4:] {
		fmt.Fprintf(&b, " %d", n)
	}
	return b.String() + "\n"
}

func (d pidDir) statm() string {
	pages := d.p.Memory() / 4096
	return fmt.Sprintf("%d %d 0 0 0 %d 0\n", pages, pages, pages)
}

func (d pidDir) status() string {
	p, state := d.p, d.PIDs.state(d.p)
	word := map[byte]string{'R': "running", 'S': "sleeping", 'T': "stopped", 'Z': "zombie"}[state]
	id := func(n uint32) string { return fmt.Sprintf("%d\t%d\t%d\t%d", n, n, n, n) }
	var b strings.Builder
	fmt.Fprintf(&b, "Name:\t%s\nUmask:\t%04o\nState:\t%c (%s)\n", d.comm(), p.umask.Load(), state, word)
	fmt.Fprintf(&b, "Tgid:\t%d\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", p.pid, p.pid, d.PIDs.parentOf(p))
	fmt.Fprintf(&b, "Uid:\t%s\nGid:\t%s\nFDSize:\t%d\n", id(p.cfg.Cred.UID), id(p.cfg.Cred.GID), p.cfg.Limits.FDs)
	fmt.Fprintf(&b, "Groups:\t%s\n", strings.Trim(fmt.Sprint(p.cfg.Cred.Groups), "[]"))
	fmt.Fprintf(&b, "VmSize:\t%8d kB\nVmRSS:\t%8d kB\nThreads:\t1\n", p.Memory()/1024, p.Memory()/1024)
	return b.String()
}

func (d pidDir) mounts() string {
	if d.FS == nil {
		return ""
	}
	var b strings.Builder
	for _, m := range d.FS.Mounts() {
		typ, source := m.Type, m.Type
		switch {
		case m.Path == "/proc" || m.Path == "/dev":
			typ, source = path.Base(m.Path), path.Base(m.Path)
		case m.Type == "bind":
			typ, source = "ext4", "/dev/vda1"
		}
		mode := "rw"
		if m.ReadOnly {
			mode = "ro"
		}
		fmt.Fprintf(&b, "%s %s %s %s,relatime 0 0\n", source, m.Path, typ, mode)
	}
	return b.String()
}

// fdDir is /proc/PID/fd.
type fdDir struct{ p *Process }

func (d fdDir) Lookup(name string) (vfs.Entry, bool) {
	fd, err := strconv.ParseUint(name, 10, 31)
	if err != nil {
		return vfs.Entry{}, false
	}
	got, found := d.p.descriptor(uint32(fd))
	if !found {
		return vfs.Entry{}, false
	}
	e := linkEntry(func(int) string { return got.open.obj.label() })
	e.Magic = &vfs.Magic{PID: d.p.pid, FD: int(fd)}
	return e, true
}

func (d fdDir) Names() []string {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	var out []string
	for i, fd := range d.p.fds {
		if fd.open != nil {
			out = append(out, strconv.Itoa(i))
		}
	}
	return out
}
