package ash

import (
	"strings"
)

// A builtin runs inside the shell and returns $?.
type builtin func(s *Shell, args []string) int

// builtins returns the builtin of that name, or nil.
func builtins(name string) builtin {
	switch name {
	case ":", "true":
		return func(*Shell, []string) int { return 0 }
	case "false":
		return func(*Shell, []string) int { return 1 }
	case ".", "source":
		return dot
	case "alias":
		return alias
	case "break", "continue":
		return func(s *Shell, args []string) int { return s.leaveLoop(name, args) }
	case "cd", "chdir":
		return cd
	case "command":
		return command
	case "eval":
		return func(s *Shell, args []string) int { return s.source(strings.Join(args, " "), s.name, false) }
	case "exec":
		return execute
	case "exit":
		return exit
	case "export", "readonly", "local":
		return func(s *Shell, args []string) int { return s.declareWords(name, args) }
	case "getopts":
		return getopts
	case "hash", "fc", "bg", "fg":
		return func(s *Shell, args []string) int { return s.noJobControl(name, args) }
	case "help":
		return help
	case "jobs":
		return jobsBuiltin
	case "kill":
		return kill
	case "pwd":
		return pwd
	case "read":
		return read
	case "return":
		return returns
	case "set":
		return setBuiltin
	case "shift":
		return shift
	case "times":
		return times
	case "trap":
		return trap
	case "type":
		return types
	case "ulimit":
		return ulimit
	case "umask":
		return umask
	case "unalias":
		return unalias
	case "unset":
		return unset
	case "wait":
		return wait
	}
	return nil
}

// names lists the builtins, for help.
func names() []string {
	return strings.Fields(". : alias bg break cd chdir command continue eval exec exit export false fc fg getopts hash help jobs kill local pwd read readonly return set shift source times trap true type ulimit umask unalias unset wait")
}

// isSpecial tells the special builtins of POSIX: assignments before them stay,
// and no function hides them.
func isSpecial(name string) bool {
	switch name {
	case ".", ":", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift", "times", "trap", "unset":
		return true
	}
	return false
}
