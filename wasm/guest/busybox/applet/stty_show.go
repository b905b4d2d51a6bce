package applet

import (
	"fmt"
	"strings"

	"kubergarten/wasm/guest/tty"
)

// display shows the mode: all of it, or where it is not sane.
func (s *sttyRun) display(all bool) {
	s.wrap("speed %d baud;", baud)
	cols, rows, _ := tty.Size(s.fd)
	if all {
		s.wrap("rows %d; columns %d;", rows, cols)
	}
	s.wrap("line = 0;\n")
	if all {
		s.displayChars()
	}
	s.displayModes(all)
}

func (s *sttyRun) displayChars() {
	for _, c := range controlChars() {
		s.wrap("%s = %s;", c.name, c.value)
	}
	s.wrap("min = 1; time = 0;")
	s.newline()
}

func (s *sttyRun) displayModes(all bool) {
	group := controlModes
	for _, m := range ttyModes() {
		if m.group == combinations {
			break
		}
		if m.group != group {
			s.newline()
			group = m.group
		}
		on := m.on || m.bits != 0 && s.mode&m.bits != 0
		switch {
		case on && (all || m.sane == saneOff):
			s.wrap("%s", m.name)
		case !on && m.rev && (all || m.sane == saneOn):
			s.wrap("-%s", m.name)
		}
	}
	s.newline()
}

// wrap prints a word where there is room for it.
func (s *sttyRun) wrap(format string, a ...any) {
	text := fmt.Sprintf(format, a...)
	cols, _, err := tty.Size(s.fd)
	if err != nil || cols == 0 {
		cols = 80
	}
	if s.column > 0 {
		if s.column++; s.column+len(text) >= cols {
			s.newline()
		} else {
			s.p.print(" ")
		}
	}
	s.p.print(text)
	if s.column += len(text); strings.HasSuffix(text, "\n") {
		s.column = 0
	}
}

func (s *sttyRun) newline() {
	if s.column > 0 {
		s.p.println()
	}
	s.column = 0
}
