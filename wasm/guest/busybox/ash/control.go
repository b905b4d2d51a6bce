package ash

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// number reads a builtin's one numeric argument.
func (s *Shell) number(name string, args []string, ifNone int) (int, bool) {
	if len(args) == 0 {
		return ifNone, true
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		s.die(2, "%s: Illegal number: %s", name, args[0])
		return 0, false
	}
	return n, true
}

func exit(s *Shell, args []string) int {
	n, ok := s.number("exit", args, s.status)
	if ok {
		s.flow = flow{kind: exiting}
	}
	return n & 0xff
}

func returns(s *Shell, args []string) int {
	n, ok := s.number("return", args, s.status)
	if ok {
		s.flow = flow{kind: returning}
	}
	return n & 0xff
}

func (s *Shell) leaveLoop(name string, args []string) int {
	n, ok := s.number(name, args, 1)
	if !ok || n < 1 {
		return s.die(2, "%s: Illegal number: %s", name, strings.Join(args, " "))
	}
	if s.loops == 0 {
		return 0
	}
	s.flow = flow{kind: breaking, n: min(n, s.loops)}
	if name == "continue" {
		s.flow.kind = continuing
	}
	return 0
}

func shift(s *Shell, args []string) int {
	n, ok := s.number("shift", args, 1)
	switch {
	case !ok:
		return 2
	case n > len(s.params) || n < 0:
		return 1
	}
	s.params = s.params[n:]
	return 0
}

func dot(s *Shell, args []string) int {
	if len(args) == 0 {
		return s.die(2, ".: filename argument required")
	}
	path := s.path(args[0])
	if !strings.Contains(args[0], "/") {
		if found, status := s.findSource(args[0]); status == 0 {
			path = found
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return s.die(2, ".: can't open '%s': %s", args[0], reason(err))
	}
	params, script := s.params, s.script
	if len(args) > 1 {
		s.params = args[1:]
	}
	s.script = args[0]
	status := s.source(string(text), args[0], false)
	s.params, s.script = params, script
	if s.flow.kind == returning {
		s.flow = flow{}
	}
	return status
}

// findSource looks along PATH; the file need not be executable.
func (s *Shell) findSource(name string) (string, int) {
	for _, dir := range strings.Split(s.get("PATH"), ":") {
		path := s.path(dir + "/" + name)
		if fi, err := os.Stat(path); err == nil && fi.Mode().IsRegular() {
			return path, 0
		}
	}
	return "", 127
}

// execute is exec: the process becomes the program. Where the host cannot do
// that, the shell runs it, hands signals on, and ends with its status.
func execute(s *Shell, args []string) int {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return 0
	}
	path, status := s.lookup(args[0])
	if status != 0 {
		s.flow = flow{kind: exiting}
		return s.notRunnable(args[0], status)
	}
	s.flow = flow{kind: exiting}
	if !s.sub {
		err := s.become(path, args)
		if !errors.Is(err, syscall.ENOSYS) && !errors.Is(err, syscall.ENOEXEC) {
			return s.startError(args[0], err)
		}
	}
	c, err := s.start(path, args, false)
	if err != nil {
		return s.startError(args[0], err)
	}
	delete(s.traps.actions, "EXIT")
	return c.wait()
}

func trap(s *Shell, args []string) int {
	if len(args) == 0 {
		for _, name := range sortedKeys(s.traps.actions) {
			fmt.Fprintf(s.out(), "trap -- %s %s\n", quote(s.traps.actions[name]), name)
		}
		return 0
	}
	if args[0] == "-l" {
		for n, name := range signalNames()[1:] {
			fmt.Fprintf(s.out(), "%2d) %s\n", n+1, name)
		}
		return 0
	}
	if args[0] == "--" {
		args = args[1:]
	}
	reset := len(args) == 1 || len(args) > 0 && (args[0] == "-" || SignalNumber(args[0]) >= 0 && isNumber(args[0]))
	action := ""
	if reset {
		if args[0] == "-" {
			args = args[1:]
		}
	} else {
		action, args = args[0], args[1:]
	}
	for _, word := range args {
		n := SignalNumber(word)
		if n < 0 {
			return s.fail(1, "trap: %s: invalid signal specification", word)
		}
		if reset {
			s.traps.reset(SignalName(n))
		} else {
			s.traps.set(SignalName(n), action)
		}
	}
	return 0
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
