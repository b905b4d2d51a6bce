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

	"kubergarten/wasm/guest/busybox/ash"
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
