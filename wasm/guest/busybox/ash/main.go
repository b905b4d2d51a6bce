package ash

import (
	"io"
	"os"
	"strconv"
	"strings"

	"kubergarten/wasm/guest/tty"
)

// An invocation is what sh's arguments say.
type invocation struct {
	command     string
	hasCommand  bool
	script      string
	stdin       bool
	interactive bool
	login       bool
}

// Main is the program sh; args are without its name.
func Main(name string, args []string, utils map[string]Utility) int {
	s := New(name, utils)
	if v := s.vars[pidVariable]; v != nil {
		s.pid, _ = strconv.Atoi(v.value)
		delete(s.vars, pidVariable)
	}
	inv, ok := s.invocation(args)
	if !ok {
		return s.status
	}
	switch {
	case inv.hasCommand:
		s.source(inv.command, s.name, true)
	case inv.script != "":
		s.runFile(inv.script)
	case inv.interactive || tty.IsTerminal(0) && tty.IsTerminal(2):
		s.runInteractive()
	default:
		s.runInput(os.Stdin)
	}
	s.runExitTrap()
	return s.status
}

// invocation reads sh's arguments and sets $0 and $1... .
func (s *Shell) invocation(args []string) (inv invocation, ok bool) {
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		word := args[0]
		args = args[1:]
		if word == "--" {
			break
		}
		flags := word[:1]
		for _, letter := range word[1:] {
			switch letter {
			case 'c':
				inv.hasCommand = true
			case 's':
				inv.stdin = true
			case 'i':
				inv.interactive = true
			case 'l':
				inv.login = true
			default:
				flags += string(letter)
			}
		}
		if strings.HasSuffix(flags, "o") && len(args) > 0 {
			_, _, s.status = s.setFlags([]string{flags, args[0]})
			args = args[1:]
		} else if len(flags) > 1 {
			_, _, s.status = s.setFlags([]string{flags})
		}
		if s.status != 0 {
			return inv, false
		}
	}
	switch {
	case inv.hasCommand:
		if len(args) == 0 {
			s.status = s.fail(2, "-c requires an argument")
			return inv, false
		}
		inv.command, args = args[0], args[1:]
		if len(args) > 0 {
			s.name, args = args[0], args[1:]
		}
	case len(args) > 0 && !inv.stdin:
		inv.script, args = args[0], args[1:]
	}
	s.params = args
	return inv, true
}

// runFile runs a script.
func (s *Shell) runFile(name string) {
	text, err := os.ReadFile(s.path(name))
	if err != nil {
		if path, status := s.findSource(name); status == 0 {
			text, err = os.ReadFile(path)
		}
	}
	if err != nil {
		s.status = s.fail(2, "can't open '%s': %s", name, reason(err))
		return
	}
	s.name, s.script = name, name
	s.source(string(text), name, true)
}

// runInput runs statements as they come.
func (s *Shell) runInput(r io.Reader) {
	for st, err := range newParser().StmtsSeq(r) {
		if err != nil {
			s.syntaxError(err)
			return
		}
		s.stmt(st, false)
		if s.flow.kind == exiting {
			return
		}
		s.flow = flow{}
	}
}
