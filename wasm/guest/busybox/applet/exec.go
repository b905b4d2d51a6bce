package applet

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"kubergarten/wasm/guest/busybox/ash"
)

// child runs a command with our streams and returns its status.
func (p *Proc) child(words []string, env []string) (int, error) {
	cmd, err := p.startChild(words, env)
	if err != nil {
		return 127, err
	}
	return status(cmd.Wait(), cmd), nil
}

func (p *Proc) startChild(words []string, env []string) (*exec.Cmd, error) {
	p.flush()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = p.In, os.Stdout, p.Err, env
	if p.Err == nil {
		cmd.Stderr = os.Stderr
	}
	return cmd, cmd.Start()
}

// status is a finished command's $?.
func status(err error, cmd *exec.Cmd) int {
	if err == nil {
		return 0
	}
	if w, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return cmd.ProcessState.ExitCode()
}

// cannotRun words why a command did not start: 127 not found, 126 the rest.
func (p *Proc) cannotRun(name string, err error) int {
	p.flush()
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		p.fail("can't execute '%s': No such file or directory", name)
		return 127
	}
	p.fail("can't execute '%s': %s", name, reason(err))
	return 126
}

// become replaces this process by a command, or runs it and takes its status
// where the host cannot do that.
func (p *Proc) become(words []string, env []string) int {
	p.flush()
	path, err := exec.LookPath(words[0])
	if err != nil {
		return p.cannotRun(words[0], err)
	}
	if env == nil {
		env = os.Environ()
	}
	if err := replaceProcess(path, words, env); !errors.Is(err, errors.ErrUnsupported) {
		return p.cannotRun(words[0], err)
	}
	code, err := p.child(words, env)
	if err != nil {
		return p.cannotRun(words[0], err)
	}
	return code
}

func env(p *Proc) int {
	o, words, ok := p.getopt("+iu:0", "ignore-environment=i", "unset=u")
	if !ok {
		return 1
	}
	vars := os.Environ()
	if len(words) > 0 && words[0] == "-" {
		o.count['i'], words = 1, words[1:]
	}
	if o.has('i') {
		vars = []string{}
	}
	for _, name := range o.values['u'] {
		vars = without(vars, name)
	}
	for len(words) > 0 && strings.Contains(words[0], "=") {
		name, _, _ := strings.Cut(words[0], "=")
		vars = append(without(vars, name), words[0])
		words = words[1:]
	}
	if len(words) > 0 {
		return p.become(words, vars)
	}
	for _, kv := range vars {
		p.println(kv)
	}
	return 0
}

func without(env []string, name string) []string {
	var kept []string
	for _, kv := range env {
		if !strings.HasPrefix(kv, name+"=") {
			kept = append(kept, kv)
		}
	}
	return kept
}

func printenv(p *Proc) int {
	if len(p.Args) == 0 {
		for _, kv := range os.Environ() {
			p.println(kv)
		}
		return 0
	}
	status := 0
	for _, name := range p.Args {
		if v, ok := os.LookupEnv(name); ok {
			p.println(v)
		} else {
			status = 1
		}
	}
	return status
}

func nohup(p *Proc) int {
	if len(p.Args) == 0 {
		return p.help(127)
	}
	signal.Ignore(syscall.SIGHUP)
	code, err := p.child(p.Args, nil)
	if err != nil {
		return p.cannotRun(p.Args[0], err)
	}
	return code
}

func timeApplet(p *Proc) int {
	_, words, ok := p.getopt("+vpa")
	if !ok {
		return 1
	}
	if len(words) == 0 {
		return p.help(1)
	}
	start := time.Now()
	code, err := p.child(words, nil)
	if err != nil {
		p.cannotRun(words[0], err)
	}
	d := time.Since(start)
	for _, line := range []struct {
		name string
		d    time.Duration
	}{{"real", d}, {"user", 0}, {"sys", 0}} {
		p.fail2("%s\t%dm %.2fs", line.name, int(line.d.Minutes()), line.d.Seconds()-60*float64(int(line.d.Minutes())))
	}
	return code
}

// timeout runs a command and ends it when its time is up: status 143 then, as
// busybox's child dies of TERM.
func timeout(p *Proc) int {
	o, words, ok := p.getopt("+s:k:t:")
	if !ok {
		return 1
	}
	if o.has('t') { // before 1.30: timeout -t SECS PROG
		words = append([]string{o.value('t')}, words...)
	}
	if len(words) < 2 {
		return p.help(1)
	}
	limit, ok := duration(words[0])
	if !ok {
		return p.fail("invalid number '%s'", words[0])
	}
	sig := syscall.SIGTERM
	if o.has('s') {
		n := ash.SignalNumber(o.value('s'))
		if n < 0 {
			return p.fail("unknown signal '%s'", o.value('s'))
		}
		sig = syscall.Signal(n)
	}
	cmd, err := p.startChild(words[1:], nil)
	if err != nil {
		return p.cannotRun(words[1], err)
	}
	timers := []*time.Timer{time.AfterFunc(limit, func() { cmd.Process.Signal(sig) })}
	if kill, ok := duration(o.value('k')); ok && o.has('k') {
		timers = append(timers, time.AfterFunc(limit+kill, func() { cmd.Process.Kill() }))
	}
	code := status(cmd.Wait(), cmd)
	for _, t := range timers {
		t.Stop()
	}
	return code
}

// duration reads 1, 1.5, 1s, 2m, 3h, 4d, infinity.
func duration(word string) (time.Duration, bool) {
	unit := time.Second
	if word == "infinity" || word == "inf" {
		return 1 << 62, true
	}
	if n := len(word); n > 0 {
		if u, ok := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[word[n-1]]; ok {
			unit, word = u, word[:n-1]
		}
	}
	v, err := strconv.ParseFloat(word, 64)
	if err != nil || v < 0 {
		return 0, false
	}
	if v*float64(unit) > float64(1<<62) {
		return 1 << 62, true
	}
	return time.Duration(v * float64(unit)), true
}

func sleep(p *Proc) int {
	if len(p.Args) == 0 {
		return p.help(1)
	}
	var total time.Duration
	for _, word := range p.Args {
		d, ok := duration(word)
		if !ok {
			return p.fail("invalid number '%s'", word)
		}
		if total += d; total < 0 || total > 1<<62 {
			total = 1 << 62
		}
	}
	time.Sleep(total)
	return 0
}

func usleep(p *Proc) int {
	if len(p.Args) != 1 {
		return p.help(1)
	}
	n, err := strconv.Atoi(p.Args[0])
	if err != nil || n < 0 {
		return p.fail("invalid number '%s'", p.Args[0])
	}
	time.Sleep(time.Duration(n) * time.Microsecond)
	return 0
}
