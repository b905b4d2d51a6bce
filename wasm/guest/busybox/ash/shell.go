package ash

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// A Utility is a command that runs inside the shell though it is none of its
// own: echo, printf, test.
type Utility func(args []string, in io.Reader, out, errs io.Writer) int

// A Shell is the state of one shell, or of one subshell.
type Shell struct {
	name    string // $0
	params  []string
	vars    map[string]*variable
	locals  []map[string]*variable // per function call: what its locals hide
	funcs   map[string]*syntax.FuncDecl
	aliases map[string]string
	opts    options
	dir     string
	files   map[int]*os.File
	utils   map[string]Utility

	pid         int // $$, the same in subshells
	status      int // $?
	substStatus int // of the last command substitution
	lastBg      int // $!
	jobs        *jobs
	traps       *traps
	flow        flow
	loops       int // how many enclose the command
	untested    int // >0: in a condition, where set -e does not apply
	line        uint
	script      string // the file being read, for messages
	sub         bool   // a clone
	interactive bool
	terminal    bool // a user's, of an interactive shell and its clones
	optind      int  // of getopts, within a word
	random      uint32
	cfg         *expand.Config
}

// A flow is what makes the shell leave the usual order.
type flow struct {
	kind flowKind
	n    int // loops left to leave
}

type flowKind int

const (
	onward flowKind = iota
	breaking
	continuing
	returning
	exiting
)

// options are those of `set`.
type options struct {
	allexport, errexit, noglob, noexec, nounset, xtrace, pipefail bool
}

// New returns a shell with the process's environment and standard streams.
func New(name string, utils map[string]Utility) *Shell {
	s := &Shell{
		name:  name,
		vars:  map[string]*variable{},
		funcs: map[string]*syntax.FuncDecl{},
		files: map[int]*os.File{0: os.Stdin, 1: os.Stdout, 2: os.Stderr},
		utils: utils,
		pid:   os.Getpid(),
		jobs:  &jobs{},
		traps: newTraps(),
	}
	s.dir, _ = os.Getwd()
	s.importEnv(os.Environ())
	return s
}

// clone returns a subshell: it sees everything, and changes nothing here.
func (s *Shell) clone() *Shell {
	c := *s
	c.sub, c.interactive, c.cfg = true, false, nil
	c.vars = make(map[string]*variable, len(s.vars))
	for name, v := range s.vars {
		copied := *v
		c.vars[name] = &copied
	}
	c.locals = nil
	if n := len(s.locals); n > 0 {
		c.locals = []map[string]*variable{{}} // `local` stays legal
	}
	c.funcs, c.aliases, c.files = maps.Clone(s.funcs), maps.Clone(s.aliases), maps.Clone(s.files)
	c.params = slices.Clone(s.params)
	c.jobs, c.traps = &jobs{}, newTraps()
	return &c
}

func (s *Shell) in() io.Reader   { return s.reader(0) }
func (s *Shell) out() io.Writer  { return s.writer(1) }
func (s *Shell) errs() io.Writer { return s.writer(2) }

func (s *Shell) reader(fd int) io.Reader {
	if f := s.files[fd]; f != nil {
		return f
	}
	return bytes.NewReader(nil)
}

func (s *Shell) writer(fd int) io.Writer {
	if f := s.files[fd]; f != nil {
		return f
	}
	return io.Discard
}

// fail prints a message in ash's form and returns status.
func (s *Shell) fail(status int, format string, args ...any) int {
	where := s.name + ": "
	if s.script != "" && s.line > 0 {
		where = fmt.Sprintf("%s: line %d: ", s.script, s.line)
	}
	fmt.Fprintf(s.errs(), where+format+"\n", args...)
	return status
}

// die is fail for errors that end a shell that is not interactive.
func (s *Shell) die(status int, format string, args ...any) int {
	s.fail(status, format, args...)
	if !s.interactive {
		s.flow = flow{kind: exiting}
	}
	s.status = status
	return status
}

// source parses and runs text; its name is for messages.
func (s *Shell) source(text, name string, tail bool) int {
	file, err := newParser().Parse(strings.NewReader(text), name)
	if err != nil {
		return s.syntaxError(err)
	}
	s.stmts(file.Stmts, tail)
	return s.status
}

func newParser() *syntax.Parser {
	return syntax.NewParser(syntax.Variant(syntax.LangBash))
}

func (s *Shell) syntaxError(err error) int {
	text := err.Error()
	switch e := err.(type) {
	case syntax.ParseError:
		text, s.line = e.Text, e.Pos.Line()
	case syntax.LangError:
		s.line = e.Pos.Line()
	}
	return s.die(2, "syntax error: %s", text)
}

// config is what word expansion needs to know. It is made once per shell.
func (s *Shell) config() *expand.Config {
	if s.cfg == nil {
		s.cfg = &expand.Config{Env: environ{s}, CmdSubst: s.substitute}
	}
	s.cfg.NoUnset = s.opts.nounset
	s.cfg.ReadDir2 = nil
	return s.cfg
}

// globbing is config for words that may be patterns. Those that name no hidden
// file do not see them.
func (s *Shell) globbing(hidden bool) *expand.Config {
	cfg := s.config()
	if s.opts.noglob {
		return cfg
	}
	cfg.ReadDir2 = func(dir string) ([]os.DirEntry, error) {
		list, err := os.ReadDir(s.path(dir))
		if hidden {
			return list, err
		}
		return slices.DeleteFunc(list, func(e os.DirEntry) bool { return e.Name()[0] == '.' }), err
	}
	return cfg
}

// substitute runs $(...) with its output to w.
func (s *Shell) substitute(w io.Writer, cs *syntax.CmdSubst) error {
	r, pw, err := os.Pipe()
	if err != nil {
		return err
	}
	sub := s.clone()
	sub.files[1] = pw
	done := make(chan struct{})
	go func() {
		defer close(done)
		sub.subshell(func() { sub.stmts(cs.Stmts, false) })
		pw.Close()
	}()
	_, err = io.Copy(w, r)
	r.Close()
	<-done
	s.substStatus = sub.status
	return err
}

// subshell runs body and the clone's EXIT trap.
func (s *Shell) subshell(body func()) {
	body()
	s.runExitTrap()
}
