package ash

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"syscall"
)

// Kill is the command, for the shell and for itself.
func Kill(args []string, out io.Writer, fail func(format string, a ...any)) int {
	sig := int(syscall.SIGTERM)
	if len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "--" && args[0] != "-" {
		word := args[0][1:]
		args = args[1:]
		switch word {
		case "l":
			return listSignals(args, out, fail)
		case "s", "n":
			if len(args) == 0 {
				fail("you need to specify whom to kill")
				return 1
			}
			word, args = args[0], args[1:]
		}
		if sig = SignalNumber(word); sig < 0 {
			fail("bad signal name '%s'", word)
			return 1
		}
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fail("you need to specify whom to kill")
		return 1
	}
	status := 0
	for _, word := range args {
		pid, err := strconv.Atoi(word)
		if err != nil {
			fail("invalid number '%s'", word)
			status = 1
			continue
		}
		if err := syscall.Kill(pid, syscall.Signal(sig)); err != nil {
			fail("can't kill pid %d: %s", pid, reason(err))
			status = 1
		}
	}
	return status
}

func listSignals(args []string, out io.Writer, fail func(string, ...any)) int {
	for _, word := range args {
		n := SignalNumber(word)
		if isNumber(word) && n > 128 {
			n -= 128
		}
		switch {
		case n < 0:
			fail("unknown signal '%s'", word)
			return 1
		case isNumber(word):
			fmt.Fprintln(out, SignalName(n))
		default:
			fmt.Fprintln(out, n)
		}
	}
	if len(args) == 0 {
		for n, name := range signalNames()[1:] {
			fmt.Fprintf(out, "%2d) %s\n", n+1, name)
		}
	}
	return 0
}
