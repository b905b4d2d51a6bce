package host

import (
	"fmt"
	"maps"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"kubergarten/engine/clock"
	"kubergarten/engine/network"
	"kubergarten/wasm/host/vfs"
)

// A ProcConfig says what /proc of a container tells.
type ProcConfig struct {
	PIDs  *PIDs
	FS    *vfs.FS            // for /proc/mounts; may be nil
	Net   *network.Namespace // for /proc/net; may be nil
	Clock clock.Clock

	Hostname string
	Machine
	Release string // of the kernel; default 6.12.0-kubergarten
}

// hertz is Linux' USER_HZ: clock ticks in /proc/PID/stat.
const hertz = 100

// Proc is /proc of a container, to be mounted.
func Proc(c ProcConfig) vfs.Source {
	if c.CPUs <= 0 {
		c.CPUs = runtime.NumCPU()
	}
	if c.Memory <= 0 {
		c.Memory = 4 << 30
	}
	if c.Boot.IsZero() {
		c.Boot = c.Clock.Now()
	}
	if c.Release == "" {
		c.Release = "6.12.0-kubergarten"
	}
	return vfs.Virtual(procDir{&c})
}

// mountProc gives the container's first process a /proc, if there is none.
func (c *Config) mountProc() error {
	if c.FS.Mounted("/proc") {
		return nil
	}
	return c.FS.Mount("/proc", Proc(ProcConfig{
		PIDs: c.PIDs, FS: c.FS, Net: c.Net, Clock: c.Clock, Hostname: c.Hostname, Machine: c.Machine,
	}), false)
}

// textEntry is a file that says what f returns.
func textEntry(f func() string) vfs.Entry {
	return vfs.Entry{Perm: 0o444, Read: func() []byte { return []byte(f()) }}
}

func linkEntry(f func(self int) string) vfs.Entry { return vfs.Entry{Perm: 0o777, Link: f} }

// table is a directory of fixed names.
type table map[string]vfs.Entry

func (t table) Lookup(name string) (vfs.Entry, bool) {
	e, found := t[name]
	return e, found
}

func (t table) Names() []string { return slices.Sorted(maps.Keys(t)) }

// procDir is /proc itself.
type procDir struct{ *ProcConfig }

func (d procDir) files() table {
	self := func(self int) string {
		if self == 0 {
			return ""
		}
		return strconv.Itoa(self)
	}
	return table{
		"self":        linkEntry(self),
		"mounts":      linkEntry(func(int) string { return "self/mounts" }),
		"stat":        textEntry(d.stat),
		"uptime":      textEntry(d.uptime),
		"loadavg":     textEntry(d.loadavg),
		"meminfo":     textEntry(d.meminfo),
		"cpuinfo":     textEntry(d.cpuinfo),
		"version":     textEntry(d.version),
		"filesystems": textEntry(func() string { return "nodev\tproc\nnodev\ttmpfs\nnodev\toverlay\n" }),
		"net":         {Perm: 0o555, Dir: d.net()},
		"sys":         {Perm: 0o555, Dir: d.sys()},
	}
}

func (d procDir) Lookup(name string) (vfs.Entry, bool) {
	if pid, err := strconv.Atoi(name); err == nil && strconv.Itoa(pid) == name {
		if p, found := d.PIDs.Lookup(pid); found {
			return vfs.Entry{Perm: 0o555, Dir: pidDir{d.ProcConfig, p}.files()}, true
		}
		return vfs.Entry{}, false
	}
	return d.files().Lookup(name)
}

func (d procDir) Names() []string {
	names := d.files().Names()
	for _, p := range d.PIDs.List() {
		names = append(names, strconv.Itoa(p.pid))
	}
	return names
}

func (d procDir) sys() table {
	one := func(s string) vfs.Entry { return textEntry(func() string { return s + "\n" }) }
	kernel := table{"hostname": one(d.Hostname), "osrelease": one(d.Release), "ostype": one("Linux"), "pid_max": one(strconv.Itoa(maxPID))}
	return table{"kernel": {Perm: 0o555, Dir: kernel}}
}

func (d procDir) version() string {
	return fmt.Sprintf("Linux version %s (kubergarten) #1 SMP\n", d.Release)
}

func (d procDir) up() time.Duration { return max(d.Clock.Since(d.Boot), 0) }

// used is the CPU time of all guests.
func (d procDir) used() time.Duration {
	if d.UsedCPU != nil {
		return d.UsedCPU()
	}
	sum := time.Duration(0)
	for _, p := range d.PIDs.List() {
		sum += p.CPU()
	}
	return sum
}

func (d procDir) uptime() string {
	idle := max(d.up()*time.Duration(d.CPUs)-d.used(), 0)
	return fmt.Sprintf("%.2f %.2f\n", d.up().Seconds(), idle.Seconds())
}

func (d procDir) loadavg() string {
	running, all := 0, d.PIDs.List()
	for _, p := range all {
		if d.PIDs.state(p) == 'R' {
			running++
		}
	}
	return fmt.Sprintf("%d.00 %d.00 %d.00 %d/%d %d\n", running, running, running, running, len(all), d.PIDs.newest())
}

func (d procDir) stat() string {
	user := int64(d.used() * hertz / time.Second)
	idle := max(int64(d.up()*hertz/time.Second)*int64(d.CPUs)-user, 0)
	var b strings.Builder
	fmt.Fprintf(&b, "cpu  %d 0 0 %d 0 0 0 0 0 0\n", user, idle)
	for i := range d.CPUs {
		n := int64(d.CPUs)
		fmt.Fprintf(&b, "cpu%d %d 0 0 %d 0 0 0 0 0 0\n", i, user/n, idle/n)
	}
	fmt.Fprintf(&b, "intr 0\nctxt 0\nbtime %d\nprocesses %d\nprocs_running 1\nprocs_blocked 0\n", d.Boot.Unix(), d.PIDs.newest())
	return b.String()
}

func (d procDir) meminfo() string {
	used := int64(0)
	if d.UsedMem != nil {
		used = d.UsedMem()
	} else {
		for _, p := range d.PIDs.List() {
			used += p.Memory()
		}
	}
	free := max(d.Memory-used, 0)
	var b strings.Builder
	for _, l := range []struct {
		name string
		n    int64
	}{
		{"MemTotal", d.Memory},
		{"MemFree", free},
		{"MemAvailable", free},
		{"Buffers", 0},
		{"Cached", 0},
		{"SwapCached", 0},
		{"Active", used},
		{"Inactive", 0},
		{"SwapTotal", 0},
		{"SwapFree", 0},
		{"Shmem", 0},
		{"SReclaimable", 0},
	} {
		fmt.Fprintf(&b, "%-15s %8d kB\n", l.name+":", l.n/1024)
	}
	return b.String()
}

func (d procDir) cpuinfo() string {
	var b strings.Builder
	for i := range d.CPUs {
		fmt.Fprintf(&b, "processor\t: %d\nvendor_id\t: Kubergarten\nmodel name\t: WebAssembly\ncpu cores\t: %d\n\n", i, d.CPUs)
	}
	return b.String()
}

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
