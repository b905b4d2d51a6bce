package host

import (
	"fmt"
	"maps"
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
