package ash

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
)

type variable struct {
	value              string
	set                bool // `export x` declares without setting
	exported, readonly bool
}

var errReadOnly = errors.New("is read only")

// environ shows the shell's variables to package expand.
type environ struct{ s *Shell }

var _ expand.WriteEnviron = environ{}

func (e environ) Get(name string) expand.Variable {
	if v, ok := e.s.special(name); ok {
		return v
	}
	v := e.s.vars[name]
	if v == nil || !v.set {
		return expand.Variable{}
	}
	return expand.Variable{Set: true, Kind: expand.String, Str: v.value, Exported: v.exported, ReadOnly: v.readonly}
}

func (e environ) Each(fn func(string, expand.Variable) bool) {
	for name := range e.s.vars {
		if v := e.Get(name); v.Set && !fn(name, v) {
			return
		}
	}
}

func (e environ) Set(name string, v expand.Variable) error {
	return e.s.set(name, v.String())
}

// special returns the parameters that are no variables.
func (s *Shell) special(name string) (expand.Variable, bool) {
	str := func(v string) (expand.Variable, bool) {
		return expand.Variable{Set: true, Kind: expand.String, Str: v}, true
	}
	switch name {
	case "#":
		return str(strconv.Itoa(len(s.params)))
	case "@", "*":
		return expand.Variable{Set: true, Kind: expand.Indexed, List: append([]string{}, s.params...)}, true
	case "?":
		return str(strconv.Itoa(s.status))
	case "$":
		return str(strconv.Itoa(s.pid))
	case "!":
		if s.lastBg == 0 {
			return expand.Variable{}, true
		}
		return str(strconv.Itoa(s.lastBg))
	case "-":
		return str(s.opts.letters(s.interactive))
	case "0":
		return str(s.name)
	case "PPID":
		return str(strconv.Itoa(os.Getppid()))
	case "LINENO":
		return str(strconv.Itoa(int(s.line)))
	case "RANDOM":
		s.random = s.random*1103515245 + 12345 + uint32(s.pid)
		return str(strconv.Itoa(int(s.random >> 17)))
	}
	if name == "" || name[0] < '0' || name[0] > '9' {
		return expand.Variable{}, false
	}
	if n, err := strconv.Atoi(name); err == nil && n > 0 {
		if n <= len(s.params) {
			return str(s.params[n-1])
		}
		return expand.Variable{}, true
	}
	return expand.Variable{}, false
}

// get returns a variable's value, "" if unset.
func (s *Shell) get(name string) string {
	return environ{s}.Get(name).String()
}

// set gives a variable a value.
func (s *Shell) set(name, value string) error {
	v := s.vars[name]
	if v == nil {
		v = &variable{}
		s.vars[name] = v
	}
	if v.readonly {
		return fmt.Errorf("%s: %w", name, errReadOnly)
	}
	v.value, v.set = value, true
	v.exported = v.exported || s.opts.allexport
	if name == "OPTIND" {
		s.optind = 0
	}
	return nil
}

// declare returns the variable, made if need be, for its attributes.
func (s *Shell) declare(name string) *variable {
	v := s.vars[name]
	if v == nil {
		v = &variable{}
		s.vars[name] = v
	}
	return v
}

func (s *Shell) unset(name string) error {
	if v := s.vars[name]; v != nil && v.readonly {
		return fmt.Errorf("%s: %w", name, errReadOnly)
	}
	delete(s.vars, name)
	return nil
}

// local hides a variable until the function returns.
func (s *Shell) local(name string) {
	frame := s.locals[len(s.locals)-1]
	if _, hidden := frame[name]; hidden {
		return
	}
	old := s.vars[name]
	frame[name] = old
	if old == nil {
		s.vars[name] = &variable{}
		return
	}
	copied := *old // ash keeps the value
	s.vars[name] = &copied
}

// leave ends a function's locals.
func (s *Shell) leave() {
	frame := s.locals[len(s.locals)-1]
	s.locals = s.locals[:len(s.locals)-1]
	for name, old := range frame {
		if old == nil {
			delete(s.vars, name)
		} else {
			s.vars[name] = old
		}
	}
}

// importEnv takes the environment over, and sets what a shell always has.
func (s *Shell) importEnv(env []string) {
	for _, kv := range env {
		if name, value, ok := strings.Cut(kv, "="); ok && isName(name) {
			s.vars[name] = &variable{value: value, set: true, exported: true}
		}
	}
	for name, value := range map[string]string{"IFS": " \t\n", "PS1": `\w \$ `, "PS2": "> ", "PS4": "+ ", "OPTIND": "1"} {
		if s.vars[name] == nil || name == "IFS" || name == "OPTIND" {
			s.vars[name] = &variable{value: value, set: true}
		}
	}
	if s.vars["PATH"] == nil {
		s.vars["PATH"] = &variable{value: "/sbin:/usr/sbin:/bin:/usr/bin", set: true}
	}
	s.declare("PWD").value, s.declare("PWD").set = s.dir, true
	s.declare("PWD").exported = true
}

// env is the environment of a child, sorted.
func (s *Shell) env() []string {
	var env []string
	for name, v := range s.vars {
		if v.exported && v.set {
			env = append(env, name+"="+v.value)
		}
	}
	slices.Sort(env)
	return env
}

// path makes name absolute.
func (s *Shell) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.dir, name)
}

func isName(name string) bool {
	for i, c := range []byte(name) {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// quote writes a word so that a shell reads it back.
func quote(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
