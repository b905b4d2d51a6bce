package ash

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// simple runs assignments and a command.
func (s *Shell) simple(c *syntax.CallExpr, tail bool) {
	s.substStatus = 0
	words, ok := s.fields(s.unalias(c.Args))
	if !ok {
		return
	}
	if len(words) == 0 {
		s.status = 0
		if s.assign(c.Assigns) {
			s.status = s.substStatus
		}
		return
	}
	s.trace(c.Assigns, words)
	special := isSpecial(words[0])
	restore, ok := s.assignFor(c.Assigns, special)
	if ok {
		s.call(words, tail && len(c.Assigns) == 0)
	}
	if !special {
		restore()
	}
}

// call runs a function, a builtin, a utility or a program.
func (s *Shell) call(words []string, tail bool) {
	if f := s.funcs[words[0]]; f != nil && !isSpecial(words[0]) {
		s.function(f, words[1:])
		return
	}
	s.builtinOrProgram(words, tail)
}

func (s *Shell) builtinOrProgram(words []string, tail bool) {
	if b := builtins(words[0]); b != nil {
		s.status = b(s, words[1:])
		return
	}
	if u := s.utils[words[0]]; u != nil {
		s.status = u(words[1:], s.in(), s.out(), s.errs())
		return
	}
	s.status = s.program(words, tail)
}

func (s *Shell) function(f *syntax.FuncDecl, args []string) {
	params, loops := s.params, s.loops
	s.params, s.loops = args, 0
	s.locals = append(s.locals, map[string]*variable{})
	s.stmt(f.Body, false)
	s.leave()
	s.params, s.loops = params, loops
	if s.flow.kind == returning {
		s.flow = flow{}
	}
}

// assign makes assignments that stay.
func (s *Shell) assign(list []*syntax.Assign) bool {
	for _, as := range list {
		name, value, ok := s.assignment(as)
		if !ok {
			return false
		}
		if s.opts.xtrace {
			fmt.Fprintf(s.errs(), "%s%s=%s\n", s.get("PS4"), name, traceWord(value))
		}
		if err := s.set(name, value); err != nil {
			s.die(2, "%v", err)
			return false
		}
	}
	return true
}

func (s *Shell) assignment(as *syntax.Assign) (name, value string, ok bool) {
	name = as.Name.Value
	if as.Array != nil || as.Index != nil {
		s.die(2, "syntax error: unexpected \"(\"")
		return "", "", false
	}
	if as.Value != nil {
		if value, ok = s.literal(as.Value); !ok {
			return "", "", false
		}
	}
	if as.Append {
		value = s.get(name) + value
	}
	return name, value, true
}

// assignFor makes the assignments before a command, which its environment has
// and, but for special builtins, only its environment.
func (s *Shell) assignFor(list []*syntax.Assign, stay bool) (restore func(), ok bool) {
	old := map[string]*variable{}
	restore = func() {
		for name, v := range old {
			if v == nil {
				delete(s.vars, name)
			} else {
				s.vars[name] = v
			}
		}
	}
	for _, as := range list {
		name, value, ok := s.assignment(as)
		if !ok {
			return restore, false
		}
		if v := s.vars[name]; v != nil && v.readonly {
			s.die(2, "%s: %v", name, errReadOnly)
			return restore, false
		}
		if _, saved := old[name]; !saved {
			old[name] = s.vars[name]
		}
		s.vars[name] = &variable{value: value, set: true, exported: !stay || s.opts.allexport}
	}
	return restore, true
}

// unalias replaces a command's first word by what it is an alias for.
func (s *Shell) unalias(words []*syntax.Word) []*syntax.Word {
	for seen := map[string]bool{}; len(words) > 0; {
		name := words[0].Lit()
		text, ok := s.aliases[name]
		if !ok || name == "" || seen[name] {
			break
		}
		seen[name] = true
		var first []*syntax.Word
		for w, err := range newParser().WordsSeq(strings.NewReader(text)) {
			if err != nil {
				return words
			}
			first = append(first, w)
		}
		words = append(first, words[1:]...)
	}
	return words
}

// trace is set -x.
func (s *Shell) trace(assigns []*syntax.Assign, words []string) {
	if !s.opts.xtrace {
		return
	}
	line := make([]string, 0, len(words)+len(assigns))
	for _, as := range assigns {
		if _, value, ok := s.assignment(as); ok {
			line = append(line, as.Name.Value+"="+traceWord(value))
		}
	}
	for _, w := range words {
		line = append(line, traceWord(w))
	}
	fmt.Fprintln(s.errs(), s.get("PS4")+strings.Join(line, " "))
}

func traceWord(w string) string {
	if w == "" || strings.ContainsAny(w, " \t\n'\"$`\\|&;<>()*?[]#~") {
		return quote(w)
	}
	return w
}
