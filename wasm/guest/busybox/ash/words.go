package ash

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// fields expands words to a command's words; false if it failed.
func (s *Shell) fields(words []*syntax.Word) ([]string, bool) {
	all := make([]string, 0, len(words))
	for _, w := range words {
		if lit := w.Lit(); lit != "" && !strings.ContainsAny(lit, "*?[]{}~\\") {
			all = append(all, lit)
			continue
		}
		f, err := expand.Fields(s.globbing(mayMatchHidden(w)), w)
		if err != nil {
			s.expandError(err)
			return nil, false
		}
		all = append(all, f...)
	}
	return all, true
}

// mayMatchHidden tells whether the word, as a pattern, names files that start
// with a dot. Package expand lets *.x match .x, which no shell does.
func mayMatchHidden(w *syntax.Word) bool {
	before := "/"
	for _, part := range w.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok {
			before = "?"
			continue
		}
		if strings.Contains(before+lit.Value, "/.") {
			return true
		}
		before = lit.Value
	}
	return false
}

// literal expands a word without splitting it.
func (s *Shell) literal(word *syntax.Word) (string, bool) {
	v, err := expand.Literal(s.config(), word)
	if err != nil {
		s.expandError(err)
		return "", false
	}
	return v, true
}

func (s *Shell) arithm(x syntax.ArithmExpr) int {
	n, err := expand.Arithm(s.config(), x)
	if err != nil {
		s.expandError(err)
		return 0
	}
	return n
}

func (s *Shell) expandError(err error) {
	var unset expand.UnsetParameterError
	if errors.As(err, &unset) {
		text := unset.Message
		if text == "" || text == "unbound variable" {
			text = "parameter not set"
		}
		s.die(2, "%s: %s", unset.Node.Param.Value, text)
		return
	}
	text := err.Error()
	if strings.Contains(text, "division by zero") {
		text = "divide by zero"
	}
	s.die(2, "%s", text)
}

// test evaluates [[ ... ]].
func (s *Shell) test(x syntax.TestExpr) bool {
	switch x := x.(type) {
	case *syntax.ParenTest:
		return s.test(x.X)
	case *syntax.Word:
		v, _ := s.literal(x)
		return v != ""
	case *syntax.UnaryTest:
		if x.Op == syntax.TsNot {
			return !s.test(x.X)
		}
		v, _ := s.literal(x.X.(*syntax.Word))
		return s.utility("test", []string{x.Op.String(), v}) == 0
	case *syntax.BinaryTest:
		return s.binaryTest(x)
	}
	return false
}

func (s *Shell) binaryTest(x *syntax.BinaryTest) bool {
	switch x.Op {
	case syntax.AndTest:
		return s.test(x.X) && s.test(x.Y)
	case syntax.OrTest:
		return s.test(x.X) || s.test(x.Y)
	}
	left, _ := s.literal(x.X.(*syntax.Word))
	word := x.Y.(*syntax.Word)
	switch x.Op {
	case syntax.TsMatch, syntax.TsMatchShort:
		return s.matchesAny([]*syntax.Word{word}, left)
	case syntax.TsNoMatch:
		return !s.matchesAny([]*syntax.Word{word}, left)
	case syntax.TsReMatch:
		right, _ := s.literal(word)
		re, err := regexp.Compile(right)
		return err == nil && re.MatchString(left)
	}
	right, _ := s.literal(word)
	return s.utility("test", []string{left, x.Op.String(), right}) == 0
}

// utility runs one of the commands lent to the shell.
func (s *Shell) utility(name string, args []string) int {
	if u := s.utils[name]; u != nil {
		return u(args, s.in(), s.out(), s.errs())
	}
	return s.fail(127, "%s: not found", name)
}

// reason is an error's cause in the words of strerror.
func reason(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		if errno == syscall.EHOSTUNREACH {
			return "No route to host"
		}
		text := errno.Error()
		return strings.ToUpper(text[:1]) + text[1:]
	}
	if errors.Is(err, os.ErrNotExist) {
		return "No such file or directory"
	}
	return err.Error()
}
