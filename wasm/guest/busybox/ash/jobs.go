package ash

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// A job is a process in the background.
type job struct {
	number, pid int
	text        string
	done        chan struct{}
	status      int // once done is closed
}

func (j *job) ended() bool {
	select {
	case <-j.done:
		return true
	default:
		return false
	}
}

// jobs are those not waited for yet.
type jobs struct {
	mu   sync.Mutex
	list []*job
}

func (j *jobs) none() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.list) == 0
}

func (j *jobs) all() []*job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]*job(nil), j.list...)
}

// add takes a child in, and waits for it in a goroutine.
func (j *jobs) add(c *child, text string) *job {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 1
	if len(j.list) > 0 {
		n = j.list[len(j.list)-1].number + 1
	}
	nj := &job{number: n, pid: c.pid, text: text, done: make(chan struct{})}
	j.list = append(j.list, nj)
	go func() {
		nj.status = c.wait()
		close(nj.done)
	}()
	return nj
}

func (j *jobs) remove(gone *job) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i, x := range j.list {
		if x == gone {
			j.list = append(j.list[:i], j.list[i+1:]...)
			return
		}
	}
}

// find resolves a PID or %N, %%, %+.
func (j *jobs) find(word string) *job {
	list := j.all()
	if n, ok := strings.CutPrefix(word, "%"); ok {
		if (n == "" || n == "%" || n == "+") && len(list) > 0 {
			return list[len(list)-1]
		}
		num, _ := strconv.Atoi(n)
		for _, x := range list {
			if x.number == num {
				return x
			}
		}
		return nil
	}
	pid, _ := strconv.Atoi(word)
	for _, x := range list {
		if x.pid == pid {
			return x
		}
	}
	return nil
}

// background starts a statement that nobody waits for.
func (s *Shell) background(st *syntax.Stmt) {
	copied := *st
	copied.Background, copied.Semicolon = false, syntax.Pos{}
	text := print(&copied)
	c, err := s.startBackground(&copied, text)
	if err != nil {
		s.status = s.fail(126, "can't fork: %s", reason(err))
		return
	}
	if c == nil {
		return // s.status says why
	}
	s.jobs.add(c, text)
	s.lastBg = c.pid
	s.status = 0
}

// startBackground starts a plain program as it is, and anything else as text
// for another shell.
func (s *Shell) startBackground(st *syntax.Stmt, text string) (*child, error) {
	undo, ok := s.detachInput()
	defer undo()
	if !ok {
		return nil, nil
	}
	if words := s.plainProgram(st); words != nil {
		undo, ok := s.redirect(st.Redirs, false)
		defer undo()
		if !ok {
			s.status = 1
			return nil, nil
		}
		if path, status := s.lookup(words[0]); status == 0 {
			s.trace(nil, words)
			return s.start(path, words, true)
		}
	}
	path, args := s.self()
	args = append(args, "-c", s.forkText()+text, s.name)
	return s.withPID(func() (*child, error) { return s.start(path, append(args, s.params...), true) })
}

// detachInput gives a background command /dev/null to read, as a shell without
// job control does.
func (s *Shell) detachInput() (undo func(), ok bool) {
	if s.interactive {
		return func() {}, true
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return func() {}, true
	}
	old := s.files[0]
	if old != os.Stdin {
		null.Close()
		return func() {}, true
	}
	s.files[0] = null
	return func() { s.files[0] = old; null.Close() }, true
}

// plainProgram returns the words of a simple command that is a program.
func (s *Shell) plainProgram(st *syntax.Stmt) []string {
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || st.Negated || len(c.Assigns) > 0 || len(c.Args) == 0 {
		return nil
	}
	first := c.Args[0].Lit()
	if first == "" || s.funcs[first] != nil || builtins(first) != nil || s.utils[first] != nil || s.aliases[first] != "" {
		return nil
	}
	words, ok := s.fields(c.Args)
	if !ok || len(words) == 0 {
		return nil
	}
	return words
}

// pidVariable carries $$ to a shell that stands for a fork.
const pidVariable = "_ASH_PID"

func (s *Shell) withPID(start func() (*child, error)) (*child, error) {
	s.vars[pidVariable] = &variable{value: strconv.Itoa(s.pid), set: true, exported: true}
	defer delete(s.vars, pidVariable)
	return start()
}

// forkText is the state a forked shell would have, as a script.
func (s *Shell) forkText() string {
	var b strings.Builder
	for name, v := range s.vars {
		if !v.exported && v.set && !inherent(name, v.value) {
			fmt.Fprintf(&b, "%s=%s\n", name, quote(v.value))
		}
		if v.readonly {
			fmt.Fprintf(&b, "readonly %s\n", name)
		}
	}
	for _, f := range s.funcs {
		b.WriteString(print(f) + "\n")
	}
	for name, text := range s.aliases {
		fmt.Fprintf(&b, "alias %s=%s\n", name, quote(text))
	}
	if letters := strings.Trim(s.opts.letters(false), "c"); letters != "" {
		fmt.Fprintf(&b, "set -%s\n", letters)
	}
	return b.String()
}

// inherent tells whether every shell starts with the variable.
func inherent(name, value string) bool {
	switch name {
	case "PS1", "PS2", "PS4", "OPTIND", "PATH":
		return true
	case "IFS":
		return value == " \t\n"
	}
	return false
}

// print writes a node as text.
func print(n syntax.Node) string {
	var b bytes.Buffer
	if err := syntax.NewPrinter().Print(&b, n); err != nil {
		return ""
	}
	return strings.TrimSpace(b.String())
}
