package applet

// Upstream: coreutils/stty.c

import (
	"os"
	"slices"
	"strconv"

	"kubergarten/wasm/guest/tty"
)

// A sttyRun is one run of stty.
type sttyRun struct {
	p      *Proc
	fd     int
	device string
	mode   tty.Mode
	column int  // of the output, for its lines to fit the terminal
	denied bool // something was asked for that the terminal cannot do
}

func stty(p *Proc) int {
	s := &sttyRun{p: p, device: "standard input"}
	args, how, ok := s.options()
	if !ok {
		return 1
	}
	if !tty.IsTerminal(s.fd) {
		return p.fail("%s: Not a tty", s.device)
	}
	var err error
	if s.mode, err = tty.GetMode(s.fd); err != nil {
		return p.failed(err, "%s", s.device)
	}
	switch {
	case how == 'g':
		p.println(saved(s.mode))
	case how == 'a' || len(args) == 0:
		s.display(how == 'a')
	default:
		return s.apply(args)
	}
	return 0
}

// options reads -a, -g and -F, and sees that the rest are settings.
func (s *sttyRun) options() (settings []string, how byte, ok bool) {
	for args := s.p.Args; len(args) > 0; args = args[1:] {
		arg := args[0]
		switch n := takes(arg); {
		case arg == "-a" || arg == "-g":
			if how != 0 && how != arg[1] {
				return nil, 0, s.refuse("-a and -g are mutually exclusive")
			}
			how = arg[1]
		case arg == "-F" || n > 0:
			if len(args) == 1 {
				return nil, 0, s.refuse("%s requires an argument", arg)
			}
			if arg == "-F" && !s.open(args[1]) {
				return nil, 0, false
			}
			if n > 0 {
				settings = append(settings, args[:2]...)
			}
			args = args[1:]
		case n < 0:
			return nil, 0, s.refuse("invalid argument '%s'", arg)
		default:
			settings = append(settings, arg)
		}
	}
	if how != 0 && len(settings) > 0 {
		return nil, 0, s.refuse("modes may not be set when -a or -g is used")
	}
	return settings, how, true
}

// open takes another terminal than standard input's.
func (s *sttyRun) open(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return s.refuse("%s: %s", name, reason(err))
	}
	s.fd, s.device = int(f.Fd()), name
	return true
}

// refuse says why, and is false.
func (s *sttyRun) refuse(format string, a ...any) bool {
	s.p.fail(format, a...)
	return false
}

// takes tells how many words a setting takes, -1 if it is none.
func takes(word string) int {
	switch word {
	case "rows", "cols", "columns", "line", "ispeed", "ospeed", "min", "time":
		return 1
	case "size", "speed", strconv.Itoa(baud):
		return 0
	}
	if slices.ContainsFunc(controlChars(), func(c controlChar) bool { return c.name == word }) {
		return 1
	}
	if _, ok := restored(word); ok {
		return 0
	}
	if _, _, ok := findMode(word); ok {
		return 0
	}
	return -1
}

// apply does the settings in order. The mode is changed at the end, and the
// rest at once.
func (s *sttyRun) apply(args []string) int {
	for len(args) > 0 {
		word := args[0]
		if takes(word) == 0 {
			s.set(word)
			args = args[1:]
			continue
		}
		if !s.setTo(word, args[1]) {
			return s.p.fail("invalid number '%s'", args[1])
		}
		args = args[2:]
	}
	if err := tty.SetMode(s.fd, s.mode); err != nil {
		return s.p.failed(err, "%s", s.device)
	}
	if s.denied {
		return s.p.fail("%s: cannot perform all requested operations", s.device)
	}
	return 0
}

// set does a setting of one word.
func (s *sttyRun) set(word string) {
	switch word {
	case "size":
		cols, rows, _ := tty.Size(s.fd)
		s.p.printf("%d %d\n", rows, cols)
		return
	case "speed":
		s.p.println(baud)
		return
	case strconv.Itoa(baud):
		return
	}
	if m, ok := restored(word); ok {
		s.mode = m
		return
	}
	m, on, _ := findMode(word)
	if m.bits == 0 {
		s.denied = s.denied || m.on != on
		return
	}
	if s.mode &^= m.bits; on {
		s.mode |= m.bits
	}
}

// setTo does a setting that takes a value; false if that is no number.
func (s *sttyRun) setTo(word, value string) bool {
	for _, c := range controlChars() {
		if c.name == word {
			s.denied = s.denied || c.value != value
			return true
		}
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return false
	}
	cols, rows, _ := tty.Size(s.fd)
	switch word {
	case "rows":
		err = tty.SetSize(s.fd, cols, n)
	case "cols", "columns":
		err = tty.SetSize(s.fd, n, rows)
	default: // what the terminal has no choice in
		fixed := map[string]int{"line": 0, "min": 1, "time": 0, "ispeed": baud, "ospeed": baud}
		s.denied = s.denied || fixed[word] != n
	}
	s.denied = s.denied || err != nil
	return true
}
