package applet

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kubergarten/wasm/guest/busybox/cells"
	"kubergarten/wasm/guest/tty"
)

// An entry is one file ls shows.
type entry struct {
	name string // as shown
	path string
	fi   fs.FileInfo
	sys  sysInfo
}

// A lister is one run of ls.
type lister struct {
	p      *Proc
	o      options
	color  bool
	width  int
	status int
	blank  bool // something was printed: a blank line before the next directory
}

func ls(p *Proc) int {
	o, names, ok := p.getopt("1AaCxdLHRFplinshrSXvctukqNgom", "color=:", "all=a", "almost-all=A", "human-readable=h", "recursive=R", "group-directories-first=_", "full-time=E")
	if !ok {
		return 1
	}
	l := &lister{p: p, o: o, width: 80}
	onTerminal := tty.IsTerminal(1)
	l.color = onTerminal
	if o.has(':') {
		l.color = slices.Contains(p.Args, "--color=always") || onTerminal && !slices.Contains(p.Args, "--color=never")
	}
	if cols, _, err := tty.Size(1); err == nil && cols > 0 {
		l.width = cols
	}
	if o.has('1') || !onTerminal && !o.has('C') && !o.has('x') {
		l.width = 0
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	l.run(names)
	return l.status
}

func (l *lister) run(names []string) {
	var files, dirs []entry
	for _, name := range names {
		e, err := l.entry(name, name, !l.o.has('l') || l.o.has('H') || strings.HasSuffix(name, "/"))
		if err != nil {
			l.status = l.p.failed(err, "%s", name)
			continue
		}
		if e.fi.IsDir() && !l.o.has('d') {
			dirs = append(dirs, e)
		} else {
			files = append(files, e)
		}
	}
	l.sort(files)
	l.show(files)
	l.blank = len(files) > 0
	l.sort(dirs)
	for _, d := range dirs {
		l.dir(d.path, len(names) > 1 || l.o.has('R'))
	}
}

func (l *lister) entry(path, name string, follow bool) (entry, error) {
	fi, err := os.Lstat(path)
	if err == nil && fi.Mode()&fs.ModeSymlink != 0 && (follow || l.o.has('L')) {
		if target, terr := os.Stat(path); terr == nil {
			fi = target
		}
	}
	if err != nil {
		return entry{}, err
	}
	return entry{name: name, path: path, fi: fi, sys: inspect(fi)}, nil
}

func (l *lister) dir(path string, header bool) {
	list, err := os.ReadDir(path)
	if err != nil {
		l.status = l.p.failed(err, "can't open '%s'", path)
		return
	}
	if header {
		if l.blank {
			l.p.println()
		}
		l.p.println(path + ":")
	}
	l.blank = true
	var entries []entry
	add := func(name string) {
		if e, err := l.entry(filepath.Join(path, name), name, false); err == nil {
			entries = append(entries, e)
		} else {
			l.status = l.p.failed(err, "%s", filepath.Join(path, name))
		}
	}
	if l.o.has('a') && !l.o.has('A') {
		add(".")
		add("..")
	}
	for _, e := range list {
		if e.Name()[0] != '.' || l.o.has('a') || l.o.has('A') {
			add(e.Name())
		}
	}
	l.sort(entries)
	if l.o.has('l') || l.o.has('s') {
		var blocks int64
		for _, e := range entries {
			blocks += e.sys.blocks
		}
		if l.o.has('h') {
			l.p.println("total " + human(blocks*512))
		} else {
			l.p.printf("total %d\n", blocks/2)
		}
	}
	l.show(entries)
	if l.o.has('R') {
		for _, e := range entries {
			if e.fi.IsDir() && e.name != "." && e.name != ".." {
				l.dir(joinShown(path, e.name), true)
			}
		}
	}
}

// joinShown keeps the ./ of `ls -R .`.
func joinShown(dir, name string) string {
	return strings.TrimSuffix(dir, "/") + "/" + name
}

func (l *lister) sort(list []entry) {
	slices.SortStableFunc(list, func(a, b entry) int {
		c := 0
		switch {
		case l.o.has('S'):
			c = int(min(max(b.fi.Size()-a.fi.Size(), -1), 1))
		case l.o.has('t'):
			c = l.time(b).Compare(l.time(a))
		case l.o.has('X'):
			c = strings.Compare(filepath.Ext(a.name), filepath.Ext(b.name))
		case l.o.has('v'):
			c = compareVersions(a.name, b.name)
		}
		if c == 0 {
			c = strings.Compare(a.name, b.name)
		}
		if l.o.has('r') {
			c = -c
		}
		return c
	})
	if l.o.has('_') {
		slices.SortStableFunc(list, func(a, b entry) int {
			switch {
			case a.fi.IsDir() == b.fi.IsDir():
				return 0
			case a.fi.IsDir():
				return -1
			}
			return 1
		})
	}
}

func (l *lister) time(e entry) time.Time {
	switch {
	case l.o.has('u'):
		return e.sys.atime
	case l.o.has('c'):
		return e.sys.ctime
	}
	return e.fi.ModTime()
}

func (l *lister) show(list []entry) {
	long := l.o.has('l') || l.o.has('n') || l.o.has('g')
	if long || l.width == 0 {
		for _, e := range list {
			if long {
				l.long(e)
			} else {
				l.p.println(l.prefix(e) + l.shown(e))
			}
		}
		return
	}
	l.columns(list)
}

// prefix is -i and -s.
func (l *lister) prefix(e entry) string {
	s := ""
	if l.o.has('i') {
		s += pad(e.sys.ino, 7) + " "
	}
	if l.o.has('s') {
		s += pad(uint64(e.sys.blocks/2), 4) + " "
	}
	return s
}

func pad(n uint64, width int) string {
	s := ""
	for ; n >= 10; n /= 10 {
		s = string(rune('0'+n%10)) + s
	}
	s = string(rune('0'+n)) + s
	return strings.Repeat(" ", max(0, width-len(s))) + s
}

// columns fills columns downwards, as many as fit.
func (l *lister) columns(list []entry) {
	width := 0
	for _, e := range list {
		width = max(width, cells.Of(l.prefix(e)+e.name+l.mark(e)))
	}
	width += 2
	cols := max(1, l.width/width)
	rows := (len(list) + cols - 1) / cols
	for r := range rows {
		for i := r; i < len(list); i += rows {
			e := list[i]
			l.p.print(l.prefix(e) + l.shown(e))
			if i+rows < len(list) {
				l.p.print(strings.Repeat(" ", width-cells.Of(l.prefix(e)+e.name+l.mark(e))))
			}
		}
		l.p.println()
	}
}

func (l *lister) long(e entry) {
	l.p.print(l.prefix(e))
	l.p.printf("%-10s %4d ", modeString(e.fi.Mode()), e.sys.nlink)
	if l.o.has('n') {
		l.p.printf("%-8d %-8d ", e.sys.uid, e.sys.gid)
	} else {
		if !l.o.has('g') {
			l.p.printf("%-8.8s ", userName(e.sys.uid))
		}
		l.p.printf("%-8.8s ", groupName(e.sys.gid))
	}
	if l.o.has('h') {
		l.p.printf("%9s ", human(e.fi.Size()))
	} else {
		l.p.printf("%9d ", e.fi.Size())
	}
	l.p.print(l.stamp(l.time(e)) + " " + l.shown(e))
	if e.fi.Mode()&fs.ModeSymlink != 0 {
		if target, err := os.Readlink(e.path); err == nil {
			l.p.print(" -> " + target)
		}
	}
	l.p.println()
}

// stamp is the time as ls -l shows it: the hour if it is half a year near.
func (l *lister) stamp(t time.Time) string {
	if l.o.has('E') {
		return t.Format("2006-01-02 15:04:05 -0700")
	}
	if age := time.Since(t); age > 365*12*time.Hour || age < -15*time.Minute {
		return t.Format("Jan _2  2006")
	}
	return t.Format("Jan _2 15:04")
}

// mark is what -F and -p add.
func (l *lister) mark(e entry) string {
	m := e.fi.Mode()
	switch {
	case m.IsDir() && (l.o.has('F') || l.o.has('p')):
		return "/"
	case !l.o.has('F'):
		return ""
	case m&fs.ModeSymlink != 0:
		return "@"
	case m&fs.ModeNamedPipe != 0:
		return "|"
	case m&fs.ModeSocket != 0:
		return "="
	case m.IsRegular() && m&0o111 != 0:
		return "*"
	}
	return ""
}

func (l *lister) shown(e entry) string {
	if !l.color {
		return e.name + l.mark(e)
	}
	color := "0;0"
	switch m := e.fi.Mode(); {
	case m.IsDir():
		color = "1;34"
	case m&fs.ModeSymlink != 0:
		color = "1;36"
	case m&fs.ModeDevice != 0:
		color = "1;33"
	case m.IsRegular() && m&0o111 != 0:
		color = "1;32"
	}
	return "\x1b[" + color + "m" + e.name + "\x1b[m" + l.mark(e)
}
