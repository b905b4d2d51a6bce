package applet

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A fsStat is what statfs says of a mount.
type fsStat struct {
	total, free, inodes, inodesFree uint64
}

// A mounted is a line of /proc/mounts.
type mounted struct{ device, dir, kind string }

func mounts() []mounted {
	var list []mounted
	for _, line := range strings.Split(readFile("/proc/mounts"), "\n") {
		if f := strings.Fields(line); len(f) > 2 {
			list = append(list, mounted{f[0], strings.ReplaceAll(f[1], `\040`, " "), f[2]})
		}
	}
	return list
}

func df(p *Proc) int {
	o, names, ok := p.getopt("PkmhTit:a")
	if !ok {
		return 1
	}
	list := mounts()
	status := 0
	if len(names) > 0 {
		var chosen []mounted
		for _, name := range names {
			if _, err := os.Stat(name); err != nil {
				status = p.failed(err, "%s", name)
				continue
			}
			chosen = append(chosen, mountOf(name, list))
		}
		list = chosen
	}
	head := "1K-blocks"
	switch {
	case o.has('h'):
		head = "Size"
	case o.has('m'):
		head = "1M-blocks"
	case o.has('P'):
		head = "1024-blocks"
	case o.has('i'):
		head = "Inodes"
	}
	p.df(o, list, head, len(names) > 0)
	return status
}

func (p *Proc) df(o options, list []mounted, head string, all bool) {
	width := 9
	if o.has('h') {
		width = 9
	}
	kind := ""
	if o.has('T') {
		kind = fmt.Sprintf(" %-10s", "Type")
	}
	use := "Use%"
	if o.has('P') {
		use = "Capacity"
	}
	p.printf("%-20s%s %*s %9s %9s %3s %s\n", "Filesystem", kind, width, head, map[bool]string{true: "IUsed", false: "Used"}[o.has('i')], map[bool]string{true: "IFree", false: "Available"}[o.has('i')], use, "Mounted on")
	for _, m := range list {
		s, err := statfs(m.dir)
		if err != nil || s.total == 0 && !all && !o.has('a') || o.has('t') && m.kind != o.value('t') {
			continue
		}
		total, free := s.total, s.free
		if o.has('i') {
			total, free = s.inodes, s.inodesFree
		}
		if kind = ""; o.has('T') {
			kind = fmt.Sprintf(" %-10s", m.kind)
		}
		percent := "0%"
		if total > 0 {
			percent = strconv.FormatUint(((total-free)*100+total-1)/total, 10) + "%"
		}
		device := fmt.Sprintf("%-20s", m.device)
		if len(m.device) > 20 && !o.has('P') {
			device += fmt.Sprintf("\n%20s", "")
		}
		p.printf("%s%s %*s %9s %9s %3s %s\n", device, kind, width, dfSize(o, total), dfSize(o, total-free), dfSize(o, free), percent, m.dir)
	}
}

func dfSize(o options, n uint64) string {
	switch {
	case o.has('i'):
		return strconv.FormatUint(n, 10)
	case o.has('h'):
		return human(int64(n))
	case o.has('m'):
		return strconv.FormatUint((n+1<<19)>>20, 10)
	}
	return strconv.FormatUint(n/1024, 10)
}

// mountOf is the mount a path lies on: the longest that is its beginning.
func mountOf(name string, list []mounted) mounted {
	path, err := resolve(name)
	if err != nil {
		path = name
	}
	best := mounted{"overlay", "/", "overlay"}
	for _, m := range list {
		if m.dir == name || m.device == name {
			return m
		}
		if (path == m.dir || strings.HasPrefix(path, strings.TrimSuffix(m.dir, "/")+"/")) && len(m.dir) >= len(best.dir) {
			best = m
		}
	}
	return best
}
