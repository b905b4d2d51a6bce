package applet

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"kubergarten/wasm/guest/busybox/ash"
	"kubergarten/wasm/guest/tty"
)

// A process is what /proc says of one.
type process struct {
	pid, ppid, uid int
	comm, args     string
	state          string
	ticks          uint64 // of CPU, 100 a second
	vsz            uint64 // bytes
}

// processes reads /proc, in order of PID.
func processes() []process {
	entries, _ := os.ReadDir("/proc")
	var list []process
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			if x, ok := readProcess(pid); ok {
				list = append(list, x)
			}
		}
	}
	slices.SortFunc(list, func(a, b process) int { return a.pid - b.pid })
	return list
}

func readProcess(pid int) (process, bool) {
	dir := "/proc/" + strconv.Itoa(pid) + "/"
	text, err := os.ReadFile(dir + "stat")
	if err != nil {
		return process{}, false
	}
	x := process{pid: pid}
	open, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return process{}, false
	}
	x.comm = string(text[open+1 : end])
	f := strings.Fields(string(text[end+1:]))
	field := func(i int) uint64 { // as numbered in proc(5), the state is 3
		if i-3 >= len(f) {
			return 0
		}
		n, _ := strconv.ParseUint(f[i-3], 10, 64)
		return n
	}
	if len(f) > 0 {
		x.state = f[0]
	}
	x.ppid, x.ticks, x.vsz = int(field(4)), field(14)+field(15), field(23)
	if line, err := os.ReadFile(dir + "cmdline"); err == nil {
		x.args = strings.TrimSpace(strings.Map(func(r rune) rune { return max(r, ' ') }, string(line)))
	}
	if x.args == "" {
		x.args = "[" + x.comm + "]"
	}
	x.uid = statusUID(dir)
	return x, true
}

func statusUID(dir string) int {
	text, _ := os.ReadFile(dir + "status")
	_, rest, ok := strings.Cut(string(text), "\nUid:")
	if !ok {
		return 0
	}
	f := strings.Fields(rest)
	if len(f) == 0 {
		return 0
	}
	uid, _ := strconv.Atoi(f[0])
	return uid
}

func (x process) time() string {
	s := x.ticks / 100
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

func ps(p *Proc) int {
	// Old style letters (aux, -ef) are taken and change nothing, as in busybox.
	columns := ""
	for i, a := range p.Args {
		if v, ok := strings.CutPrefix(a, "-o"); ok {
			if v == "" && i+1 < len(p.Args) {
				v = p.Args[i+1]
			}
			columns += "," + v
		}
	}
	if columns == "" {
		p.println("PID   USER     TIME  COMMAND")
		for _, x := range processes() {
			p.println(p.fit(fmt.Sprintf("%5d %-8.8s %5s %s", x.pid, userName(x.uid), x.time(), x.args)))
		}
		return 0
	}
	return p.psColumns(strings.Split(columns[1:], ","))
}

// fit cuts a line to the terminal's width.
func (p *Proc) fit(line string) string {
	if cols, _, err := tty.Size(1); err == nil && cols > 0 && len(line) > cols {
		return line[:cols]
	}
	return line
}

func (p *Proc) psColumns(columns []string) int {
	var heads, rows []string
	list := processes()
	rows = make([]string, len(list))
	for i, c := range columns {
		name, head, given := strings.Cut(c, "=")
		title, width, value := psColumn(name)
		if value == nil {
			return p.fail("bad -o argument '%s', supported arguments: user,group,comm,args,pid,ppid,pgid,vsz,rss,stat,time,etime,tty,nice,sid", name)
		}
		if given {
			title = head
		}
		width = max(width, len(title))
		last := i == len(columns)-1
		if last {
			width = 0
		}
		heads = append(heads, fmt.Sprintf("%-*s", width, title))
		for j, x := range list {
			if j >= len(rows) {
				break
			}
			if i > 0 {
				rows[j] += " "
			}
			v := value(x)
			if width < 0 || strings.HasSuffix(name, "pid") || name == "vsz" || name == "rss" {
				rows[j] += fmt.Sprintf("%*s", width, v)
			} else {
				rows[j] += fmt.Sprintf("%-*s", width, v)
			}
		}
	}
	if h := strings.Join(heads, " "); strings.TrimSpace(h) != "" {
		p.println(h)
	}
	for _, r := range rows {
		p.println(p.fit(r))
	}
	return 0
}

func psColumn(name string) (title string, width int, value func(process) string) {
	switch name {
	case "pid":
		return "PID", 5, func(x process) string { return strconv.Itoa(x.pid) }
	case "ppid":
		return "PPID", 5, func(x process) string { return strconv.Itoa(x.ppid) }
	case "pgid", "sid":
		return strings.ToUpper(name), 5, func(x process) string { return strconv.Itoa(x.pid) }
	case "user", "ruser":
		return "USER", 8, func(x process) string { return userName(x.uid) }
	case "group", "rgroup":
		return "GROUP", 8, func(x process) string { return groupName(x.uid) }
	case "comm":
		return "COMMAND", 16, func(x process) string { return x.comm }
	case "args", "cmd":
		return "COMMAND", 0, func(x process) string { return x.args }
	case "time":
		return "TIME", 5, process.time
	case "etime":
		return "ELAPSED", 7, func(process) string { return "-" }
	case "vsz", "rss":
		return strings.ToUpper(name), 4, func(x process) string { return memory(x.vsz) }
	case "stat":
		return "STAT", 4, func(x process) string { return x.state }
	case "tty":
		return "TT", 6, func(process) string { return "?" }
	case "nice":
		return "NI", 5, func(process) string { return "0" }
	}
	return "", 0, nil
}

// memory is a size in KB, or MB with an m.
func memory(bytes uint64) string {
	if kb := bytes / 1024; kb < 100000 {
		return strconv.FormatUint(kb, 10)
	}
	return strconv.FormatUint(bytes>>20, 10) + "m"
}

func kill(p *Proc) int {
	return ash.Kill(p.Args, p.Out, func(format string, a ...any) { p.fail(format, a...) })
}

func killall(p *Proc) int {
	args, sig, quiet := p.Args, syscall.SIGTERM, false
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		word := args[0][1:]
		args = args[1:]
		if word == "q" {
			quiet = true
			continue
		}
		if word == "s" && len(args) > 0 {
			word, args = args[0], args[1:]
		}
		n := ash.SignalNumber(word)
		if n < 0 {
			return p.fail("bad signal name '%s'", word)
		}
		sig = syscall.Signal(n)
	}
	if len(args) == 0 {
		return p.fail("you need to specify whom to kill")
	}
	status := 0
	for _, name := range args {
		pids := named(name)
		if len(pids) == 0 {
			status = 1
			if !quiet {
				p.fail("%s: no process killed", name)
			}
		}
		for _, pid := range pids {
			if err := syscall.Kill(pid, sig); err != nil {
				status = p.failed(err, "can't kill pid %d", pid)
			}
		}
	}
	return status
}

// named finds processes by their program's name, newest first, but not this one.
func named(name string) []int {
	var pids []int
	for _, x := range processes() {
		if x.pid == os.Getpid() {
			continue
		}
		first, _, _ := strings.Cut(x.args, " ")
		if x.comm == name || first == name || first[strings.LastIndexByte(first, '/')+1:] == name {
			pids = append(pids, x.pid)
		}
	}
	slices.Reverse(pids)
	return pids
}

func pidof(p *Proc) int {
	o, names, ok := p.getopt("so:")
	if !ok {
		return 1
	}
	var out []string
	for _, name := range names {
		for _, pid := range named(name) {
			if s := strconv.Itoa(pid); !slices.Contains(o.values['o'], s) {
				out = append(out, s)
			}
			if o.has('s') && len(out) > 0 {
				break
			}
		}
	}
	if len(out) == 0 {
		return 1
	}
	p.println(strings.Join(out, " "))
	return 0
}

// pgrep is pgrep and pkill.
func pgrep(p *Proc) int {
	sig := syscall.SIGTERM
	if p.Name == "pkill" && len(p.Args) > 0 && len(p.Args[0]) > 2 && p.Args[0][0] == '-' {
		if n := ash.SignalNumber(p.Args[0][1:]); n >= 0 {
			sig, p.Args = syscall.Signal(n), p.Args[1:]
		}
	}
	o, words, ok := p.getopt("flnovxas:P:9")
	if !ok {
		return 2
	}
	if len(words) != 1 {
		p.help(1)
		return 2
	}
	expr := posixRegexp(words[0], true)
	if o.has('x') {
		expr = "^(?:" + expr + ")$"
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return p.fail("bad regex '%s'", words[0])
	}
	var hits []process
	for _, x := range processes() {
		text := x.comm
		if o.has('f') {
			text = x.args
		}
		if x.pid != os.Getpid() && re.MatchString(text) != o.has('v') {
			hits = append(hits, x)
		}
	}
	if o.has('n') && len(hits) > 0 {
		hits = hits[len(hits)-1:]
	}
	if o.has('o') && len(hits) > 0 {
		hits = hits[:1]
	}
	for _, x := range hits {
		switch {
		case p.Name == "pkill":
			syscall.Kill(x.pid, sig)
		case o.has('a'):
			p.println(x.pid, x.args)
		case o.has('l'):
			p.println(x.pid, x.comm)
		default:
			p.println(x.pid)
		}
	}
	if len(hits) == 0 {
		return 1
	}
	return 0
}

func top(p *Proc) int {
	o, _, ok := p.getopt("bHn:d:m")
	if !ok {
		return 1
	}
	rounds := -1
	if n, err := strconv.Atoi(o.value('n')); err == nil {
		rounds = n
	}
	wait := 5 * time.Second
	if d, ok := duration(o.value('d')); ok && o.has('d') {
		wait = d
	}
	last := map[int]uint64{}
	lastAt := time.Now()
	for round := 0; rounds < 0 || round < rounds; round++ {
		if round > 0 {
			time.Sleep(wait)
		}
		if !o.has('b') && tty.IsTerminal(1) {
			p.print("\x1b[H\x1b[J")
		}
		now := time.Now()
		p.topScreen(last, now.Sub(lastAt))
		lastAt = now
		if p.Out.Flush() != nil {
			return 1
		}
	}
	return 0
}

func (p *Proc) topScreen(last map[int]uint64, since time.Duration) {
	total, free := memInfo("MemTotal"), memInfo("MemFree")
	buffers, cached := memInfo("Buffers"), memInfo("Cached")
	p.printf("Mem: %dK used, %dK free, %dK shrd, %dK buff, %dK cached\n", total-free, free, memInfo("Shmem"), buffers, cached)
	p.printf("Load average: %s\n", strings.TrimSpace(readFile("/proc/loadavg")))
	p.println("  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND")
	list := processes()
	cpu := func(x process) float64 {
		old, ok := last[x.pid]
		if !ok || since <= 0 {
			return 0
		}
		return float64(x.ticks-old) / since.Seconds()
	}
	slices.SortStableFunc(list, func(a, b process) int {
		switch x, y := cpu(a), cpu(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	for _, x := range list {
		share := 0.0
		if total > 0 {
			share = float64(x.vsz) / float64(total) / 10.24
		}
		p.println(p.fit(fmt.Sprintf("%5d %5d %-8.8s %-4s %5s %3.0f%% %3.0f%% %s", x.pid, x.ppid, userName(x.uid), x.state, memory(x.vsz), share, cpu(x), x.args)))
	}
	clear(last)
	for _, x := range list {
		last[x.pid] = x.ticks
	}
}

func watch(p *Proc) int {
	o, words, ok := p.getopt("+n:td")
	if !ok {
		return 1
	}
	if len(words) == 0 {
		return p.help(1)
	}
	wait := 2 * time.Second
	if d, ok := duration(o.value('n')); ok && o.has('n') {
		wait = d
	}
	for {
		if tty.IsTerminal(1) {
			p.print("\x1b[H\x1b[J")
		}
		if !o.has('t') {
			p.printf("Every %.1fs: %s  %s\n\n", wait.Seconds(), strings.Join(words, " "), time.Now().Format("2006-01-02 15:04:05"))
		}
		if p.Out.Flush() != nil {
			return 1
		}
		p.child([]string{"/bin/sh", "-c", strings.Join(words, " ")}, nil)
		time.Sleep(wait)
	}
}
