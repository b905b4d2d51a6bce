package ash

import (
	"fmt"
	"io"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// declClause runs export, readonly and local, which the parser knows.
func (s *Shell) declClause(c *syntax.DeclClause) {
	kind := c.Variant.Value
	var words []string
	for _, as := range c.Args {
		if as.Name == nil {
			more, ok := s.fields([]*syntax.Word{as.Value})
			if !ok {
				return
			}
			words = append(words, more...)
			continue
		}
		word := as.Name.Value
		if !as.Naked {
			_, value, ok := s.assignment(as)
			if !ok {
				return
			}
			word += "=" + value
		}
		words = append(words, word)
	}
	switch kind {
	case "export", "readonly", "local":
		s.trace(nil, append([]string{kind}, words...))
		s.status = s.declareWords(kind, words)
	default:
		s.status = s.fail(127, "%s: not found", kind)
	}
}

// declareWords is export, readonly or local with its words.
func (s *Shell) declareWords(kind string, words []string) int {
	if kind == "local" && len(s.locals) == 0 {
		return s.die(2, "local: not in a function")
	}
	remove := false
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		remove = remove || words[0] == "-n"
		if words[0] == "-p" && len(words) == 1 {
			words = nil
			break
		}
		words = words[1:]
	}
	if len(words) == 0 {
		s.listDeclared(kind)
		return 0
	}
	for _, word := range words {
		if status := s.declareWord(kind, word, remove); status != 0 {
			return status
		}
	}
	return 0
}

func (s *Shell) declareWord(kind, word string, remove bool) int {
	name, value, has := strings.Cut(word, "=")
	if !isName(name) {
		return s.die(2, "%s: %s: bad variable name", kind, name)
	}
	if kind == "local" {
		s.local(name)
	}
	if has {
		if err := s.set(name, value); err != nil {
			return s.die(2, "%s: %v", kind, err)
		}
	}
	switch v := s.declare(name); kind {
	case "export":
		v.exported = !remove
	case "readonly":
		v.readonly = true
	}
	return 0
}

func (s *Shell) listDeclared(kind string) {
	for _, name := range sortedKeys(s.vars) {
		v := s.vars[name]
		if kind == "export" && v.exported || kind == "readonly" && v.readonly {
			writeVar(s.out(), kind+" ", name, v)
		}
	}
}

func writeVar(w io.Writer, prefix, name string, v *variable) {
	if v.set {
		fmt.Fprintf(w, "%s%s=%s\n", prefix, name, quote(v.value))
	} else {
		fmt.Fprintf(w, "%s%s\n", prefix, name)
	}
}

func unset(s *Shell, args []string) int {
	funcs := false
	for len(args) > 0 && (args[0] == "-v" || args[0] == "-f") {
		funcs = args[0] == "-f"
		args = args[1:]
	}
	for _, name := range args {
		if funcs {
			delete(s.funcs, name)
			continue
		}
		if err := s.unset(name); err != nil {
			return s.die(2, "unset: %v", err)
		}
	}
	return 0
}

func alias(s *Shell, args []string) int {
	if len(args) == 0 {
		for _, name := range sortedKeys(s.aliases) {
			fmt.Fprintf(s.out(), "%s=%s\n", name, quote(s.aliases[name]))
		}
	}
	status := 0
	for _, word := range args {
		name, text, has := strings.Cut(word, "=")
		if !has {
			text, ok := s.aliases[name]
			if !ok {
				status = s.fail(1, "alias: %s not found", name)
				continue
			}
			fmt.Fprintf(s.out(), "%s=%s\n", name, quote(text))
			continue
		}
		if s.aliases == nil {
			s.aliases = map[string]string{}
		}
		s.aliases[name] = text
	}
	return status
}

func unalias(s *Shell, args []string) int {
	for _, name := range args {
		if name == "-a" {
			clear(s.aliases)
			continue
		}
		if _, ok := s.aliases[name]; !ok {
			return s.fail(1, "unalias: %s not found", name)
		}
		delete(s.aliases, name)
	}
	return 0
}
