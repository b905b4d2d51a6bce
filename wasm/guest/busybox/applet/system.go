package applet

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func readFile(name string) string {
	b, _ := os.ReadFile(name)
	return string(b)
}

// memInfo is a line of /proc/meminfo, in KB.
func memInfo(name string) int64 {
	_, rest, ok := strings.Cut("\n"+readFile("/proc/meminfo"), "\n"+name+":")
	if f := strings.Fields(rest); ok && len(f) > 0 {
		n, _ := strconv.ParseInt(f[0], 10, 64)
		return n
	}
	return 0
}

func free(p *Proc) int {
	o, _, ok := p.getopt("bkmght")
	if !ok {
		return 1
	}
	unit := func(kb int64) string {
		switch {
		case o.has('h'):
			return human(kb * 1024)
		case o.has('b'):
			return strconv.FormatInt(kb*1024, 10)
		case o.has('m'):
			return strconv.FormatInt(kb/1024, 10)
		case o.has('g'):
			return strconv.FormatInt(kb>>20, 10)
		}
		return strconv.FormatInt(kb, 10)
	}
	total, left, cached := memInfo("MemTotal"), memInfo("MemFree"), memInfo("Cached")+memInfo("Buffers")
	available := memInfo("MemAvailable")
	p.printf("%-7s %11s %11s %11s %11s %11s %11s\n", "", "total", "used", "free", "shared", "buff/cache", "available")
	p.printf("%-7s %11s %11s %11s %11s %11s %11s\n", "Mem:", unit(total), unit(total-left-cached), unit(left), unit(memInfo("Shmem")), unit(cached), unit(available))
	p.printf("%-7s %11s %11s %11s\n", "Swap:", unit(memInfo("SwapTotal")), unit(memInfo("SwapTotal")-memInfo("SwapFree")), unit(memInfo("SwapFree")))
	return 0
}

func uptime(p *Proc) int {
	seconds, _ := strconv.ParseFloat(strings.Fields(readFile("/proc/uptime") + " 0")[0], 64)
	now := time.Now()
	if len(p.Args) > 0 && p.Args[0] == "-s" {
		p.println(now.Add(-time.Duration(seconds * float64(time.Second))).Format("2006-01-02 15:04:05"))
		return 0
	}
	minutes := int(seconds) / 60
	up := ""
	if d := minutes / 1440; d > 0 {
		up = fmt.Sprintf("%d day", d)
		if d > 1 {
			up += "s"
		}
		up += ", "
	}
	if h := minutes / 60 % 24; h > 0 {
		up += fmt.Sprintf("%2d:%02d", h, minutes%60)
	} else {
		up += fmt.Sprintf("%d min", minutes%60)
	}
	load := strings.Fields(readFile("/proc/loadavg") + " 0.00 0.00 0.00")[:3]
	p.printf(" %s up %s,  0 users,  load average: %s\n", now.Format("15:04:05"), up, strings.Join(load, ", "))
	return 0
}

func uname(p *Proc) int {
	o, _, ok := p.getopt("amnrspvio", "all=a", "machine=m", "kernel-name=s", "nodename=n", "kernel-release=r")
	if !ok {
		return 1
	}
	host, _ := os.Hostname()
	release, version := "6.12.0-kubergarten", "#1 SMP"
	if f := strings.Fields(readFile("/proc/version")); len(f) > 2 && f[0] == "Linux" {
		release = f[2]
		if i := strings.Index(readFile("/proc/version"), "#"); i >= 0 {
			version = strings.TrimSpace(readFile("/proc/version")[i:])
		}
	}
	machine := runtime.GOARCH + "32"
	parts := []struct {
		letter byte
		value  string
	}{{'s', "Linux"}, {'n', host}, {'r', release}, {'v', version}, {'m', machine}, {'o', "GNU/Linux"}}
	var out []string
	for _, part := range parts {
		if o.has('a') || o.has(part.letter) || part.letter == 's' && len(o.count) == 0 || part.letter == 'm' && (o.has('p') || o.has('i')) {
			out = append(out, part.value)
		}
	}
	p.println(strings.Join(out, " "))
	return 0
}

func hostname(p *Proc) int {
	o, words, ok := p.getopt("sidfI")
	if !ok {
		return 1
	}
	if len(words) > 0 {
		return p.fail("sethostname: Operation not permitted")
	}
	name, err := os.Hostname()
	if err != nil {
		return p.failed(err, "gethostname")
	}
	short, domain, _ := strings.Cut(name, ".")
	switch {
	case o.has('s'):
		p.println(short)
	case o.has('d'):
		p.println(domain)
	case o.has('i') || o.has('I'):
		p.println(ownAddress())
	default:
		p.println(name)
	}
	return 0
}

func whoami(p *Proc) int {
	uid := os.Geteuid()
	name := userName(uid)
	if name == strconv.Itoa(uid) {
		return p.fail("unknown uid %d", uid)
	}
	p.println(name)
	return 0
}

func id(p *Proc) int {
	o, words, ok := p.getopt("ugGnr")
	if !ok {
		return 1
	}
	uid, gid := os.Getuid(), os.Getgid()
	groups := supplementary(gid)
	if len(words) > 0 {
		if uid = idOf("/etc/passwd", words[0]); uid < 0 {
			return p.fail("unknown user %s", words[0])
		}
		eachEntry("/etc/passwd", func(f []string) bool {
			if len(f) > 3 && f[0] == words[0] {
				gid, _ = strconv.Atoi(f[3])
			}
			return true
		})
		groups = []int{gid}
	}
	show := func(n int, name func(int) string) string {
		if o.has('n') {
			return name(n)
		}
		return strconv.Itoa(n)
	}
	switch {
	case o.has('u'):
		p.println(show(uid, userName))
	case o.has('g'):
		p.println(show(gid, groupName))
	case o.has('G'):
		var out []string
		for _, g := range groups {
			out = append(out, show(g, groupName))
		}
		p.println(strings.Join(out, " "))
	default:
		p.print("uid=", named2(uid, userName), " gid=", named2(gid, groupName), " groups=")
		for i, g := range groups {
			if i > 0 {
				p.print(",")
			}
			p.print(named2(g, groupName))
		}
		p.println()
	}
	return 0
}

// named2 is 0(root), or 1000 where there is no name.
func named2(n int, name func(int) string) string {
	if s := name(n); s != strconv.Itoa(n) {
		return fmt.Sprintf("%d(%s)", n, s)
	}
	return strconv.Itoa(n)
}

// supplementary are the process's groups, its own first.
func supplementary(gid int) []int {
	list := []int{gid}
	_, rest, _ := strings.Cut(readFile("/proc/self/status"), "\nGroups:")
	line, _, _ := strings.Cut(rest, "\n")
	for _, f := range strings.Fields(line) {
		if g, err := strconv.Atoi(f); err == nil && g != gid {
			list = append(list, g)
		}
	}
	return list
}

func groups(p *Proc) int {
	var out []string
	for _, g := range supplementary(os.Getgid()) {
		out = append(out, groupName(g))
	}
	p.println(strings.Join(out, " "))
	return 0
}

func nproc(p *Proc) int {
	n := strings.Count("\n"+readFile("/proc/cpuinfo"), "\nprocessor")
	p.println(max(1, n))
	return 0
}

func mount(p *Proc) int {
	if len(p.Args) > 0 && p.Args[0] != "-t" {
		return p.fail("permission denied (are you root?)")
	}
	for _, line := range strings.Split(strings.TrimSpace(readFile("/proc/mounts")), "\n") {
		f := strings.Fields(line)
		if len(f) < 4 || len(p.Args) > 1 && f[2] != p.Args[1] {
			continue
		}
		p.printf("%s on %s type %s (%s)\n", f[0], f[1], f[2], f[3])
	}
	return 0
}
