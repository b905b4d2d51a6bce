package ash

import (
	"fmt"
	"strings"
)

// option finds a flag by letter or long name.
func (o *options) option(name string) *bool {
	switch name {
	case "a", "allexport":
		return &o.allexport
	case "e", "errexit":
		return &o.errexit
	case "f", "noglob":
		return &o.noglob
	case "n", "noexec":
		return &o.noexec
	case "u", "nounset":
		return &o.nounset
	case "x", "xtrace":
		return &o.xtrace
	case "pipefail":
		return &o.pipefail
	}
	return nil
}

// letters is $-.
func (o *options) letters(interactive bool) string {
	var b strings.Builder
	for _, l := range []string{"a", "e", "f", "n", "u", "x"} {
		if *o.option(l) {
			b.WriteString(l)
		}
	}
	if interactive {
		b.WriteString("i")
	}
	return b.String()
}

func setBuiltin(s *Shell, args []string) int {
	if len(args) == 0 {
		for _, name := range sortedKeys(s.vars) {
			if v := s.vars[name]; v.set {
				writeVar(s.out(), "", name, v)
			}
		}
		return 0
	}
	rest, replace, status := s.setFlags(args)
	if status != 0 {
		return status
	}
	if replace || len(rest) > 0 {
		s.params = rest
	}
	return 0
}

// setFlags takes flags off args; replace says that "--" or "-" ended them.
func (s *Shell) setFlags(args []string) (rest []string, replace bool, status int) {
	for len(args) > 0 {
		word := args[0]
		if len(word) < 2 || word[0] != '-' && word[0] != '+' {
			return args, false, 0
		}
		args = args[1:]
		if word == "--" {
			return args, true, 0
		}
		for _, letter := range word[1:] {
			name := string(letter)
			if name == "o" {
				if len(args) == 0 {
					s.listOptions()
					return nil, false, 0
				}
				name, args = args[0], args[1:]
			}
			if flag := s.opts.option(name); flag != nil {
				*flag = word[0] == '-'
			} else if !harmless(name) {
				return nil, false, s.die(2, "set: illegal option %c%s", word[0], name)
			}
		}
	}
	return args, false, 0
}

// harmless are the flags that change nothing here.
func harmless(name string) bool {
	switch name {
	case "b", "notify", "h", "m", "monitor", "C", "noclobber", "v", "verbose", "vi", "V", "E", "emacs", "I", "ignoreeof", "i", "interactive", "s", "stdin", "l":
		return true
	}
	return false
}

func (s *Shell) listOptions() {
	fmt.Fprintln(s.out(), "Current option settings")
	for _, name := range []string{"errexit", "noglob", "noexec", "nounset", "xtrace", "allexport", "pipefail"} {
		state := "off"
		if *s.opts.option(name) {
			state = "on"
		}
		fmt.Fprintf(s.out(), "%-16s%s\n", name, state)
	}
}
