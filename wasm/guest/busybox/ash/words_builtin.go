package ash

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/syntax"
)

func cd(s *Shell, args []string) int {
	physical := false
	for len(args) > 0 && (args[0] == "-P" || args[0] == "-L" || args[0] == "--") {
		physical = args[0] == "-P"
		args = args[1:]
	}
	dir := s.get("HOME")
	if len(args) > 0 {
		dir = args[0]
	}
	show := dir == "-"
	if show {
		dir = s.get("OLDPWD")
	}
	if dir == "" {
		return 0
	}
	path, status := s.changeDir(dir)
	if status != nil {
		return s.fail(2, "cd: can't cd to %s: %s", dir, reason(status))
	}
	if physical {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
	}
	s.set("OLDPWD", s.dir)
	s.set("PWD", path)
	s.dir = path
	if !s.sub {
		os.Chdir(path)
	}
	if show {
		fmt.Fprintln(s.out(), path)
	}
	return 0
}

// changeDir finds the directory, along CDPATH too, but does not go there.
func (s *Shell) changeDir(dir string) (string, error) {
	if !strings.HasPrefix(dir, "/") && !strings.HasPrefix(dir, ".") {
		for _, base := range strings.Split(s.get("CDPATH"), ":") {
			if base == "" {
				continue
			}
			if fi, err := os.Stat(filepath.Join(base, dir)); err == nil && fi.IsDir() {
				return filepath.Join(base, dir), nil
			}
		}
	}
	path := filepath.Clean(s.path(dir))
	fi, err := os.Stat(path)
	if err == nil && !fi.IsDir() {
		err = syscall.ENOTDIR
	}
	return path, err
}

func pwd(s *Shell, args []string) int {
	dir := s.dir
	if len(args) > 0 && args[0] == "-P" {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
	}
	fmt.Fprintln(s.out(), dir)
	return 0
}

// command runs a command past functions, or tells what it would be.
func command(s *Shell, args []string) int {
	mode := ""
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && len(args[0]) > 1 {
		if args[0] != "-p" && args[0] != "--" {
			mode = args[0]
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return 0
	}
	switch mode {
	case "":
		s.builtinOrProgram(args, false)
		return s.status
	case "-v":
		status := 0
		for _, name := range args {
			text, kind := s.kind(name)
			switch {
			case kind == "":
				status = 127
			default:
				fmt.Fprintln(s.out(), text)
			}
		}
		return status
	case "-V":
		return types(s, args)
	}
	return s.die(2, "command: illegal option %s", mode)
}

func types(s *Shell, args []string) int {
	status := 0
	for _, name := range args {
		text, kind := s.kind(name)
		switch kind {
		case "":
			fmt.Fprintf(s.out(), "%s: not found\n", name)
			status = 127
		case "file":
			fmt.Fprintf(s.out(), "%s is %s\n", name, text)
		case "alias":
			fmt.Fprintf(s.out(), "%s is an alias for %s\n", name, s.aliases[name])
		default:
			fmt.Fprintf(s.out(), "%s is a %s\n", name, kind)
		}
	}
	return status
}

// kind tells what a command word is, and what `command -v` prints of it.
func (s *Shell) kind(name string) (text, kind string) {
	switch {
	case syntax.IsKeyword(name):
		return name, "shell keyword"
	case s.aliases[name] != "":
		return "alias " + name + "=" + quote(s.aliases[name]), "alias"
	case s.funcs[name] != nil:
		return name, "shell function"
	case isSpecial(name):
		return name, "special shell builtin"
	case builtins(name) != nil, s.utils[name] != nil:
		return name, "shell builtin"
	}
	if path, status := s.lookup(name); status == 0 {
		return path, "file"
	}
	return "", ""
}

func help(s *Shell, _ []string) int {
	fmt.Fprint(s.out(), "Built-in commands:\n------------------\n\t"+strings.Join(names(), " ")+"\n")
	return 0
}

func times(s *Shell, _ []string) int {
	fmt.Fprint(s.out(), "0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n")
	return 0
}

func umask(s *Shell, args []string) int {
	if len(args) == 0 || args[0] == "-S" {
		mask := syscall.Umask(0)
		syscall.Umask(mask)
		fmt.Fprintf(s.out(), "%04o\n", mask)
		return 0
	}
	mask, err := strconv.ParseUint(args[0], 8, 12)
	if err != nil {
		return s.die(2, "umask: illegal mode: %s", args[0])
	}
	syscall.Umask(int(mask))
	return 0
}

func ulimit(s *Shell, args []string) int {
	if len(args) > 0 && !strings.HasPrefix(args[len(args)-1], "-") {
		return s.fail(1, "ulimit: error setting limit (Operation not permitted)")
	}
	fmt.Fprintln(s.out(), "unlimited")
	return 0
}
