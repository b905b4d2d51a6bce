package workbench

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kubergarten/wasm/host"
)

// kubectlPath is where kubectl lies in a shell's container.
const kubectlPath = "/usr/local/bin/kubectl"

// runKubectl is kubectl of all shells at the bench.
func (b *bench) runKubectl(ctx context.Context, c host.Command) int {
	k := b.kubectl.Load()
	if k == nil || *k == nil {
		fmt.Fprintln(c.Stderr, "kubectl: there is no cluster to talk to")
		return 126
	}
	return (*k)(ctx, c)
}

// readsStdin tells whether a kubectl with these arguments reads its standard
// input. Others must not be given it: in `while read pod; do kubectl get pod
// $pod; done` the rest of the list is for read.
func readsStdin(args []string) bool {
	interactive := false
	for i, arg := range args {
		switch {
		case i == 0:
		case arg == "--":
			return false
		case arg == "-" || strings.HasPrefix(arg, "-:"):
			return true // the value of -f or --filename, or an argument of cp
		case isInteractive(arg):
			interactive = true
		case !strings.HasPrefix(arg, "-"):
		case namesStdin(arg), interactive && asks(arg):
			return true
		}
	}
	return false
}

// isInteractive tells whether arg is a command that may talk with its user.
func isInteractive(arg string) bool {
	return slices.Contains([]string{"exec", "attach", "run", "debug", "delete"}, arg)
}

// namesStdin tells whether a flag has "-" as its file.
func namesStdin(flag string) bool {
	name, value, _ := strings.Cut(flag, "=")
	if !strings.HasPrefix(flag, "--") {
		name, value = flag[:2], strings.TrimPrefix(flag[2:], "=")
	}
	return (name == "-f" || name == "--filename") && slices.Contains(strings.Split(value, ","), "-")
}

// asks tells whether a flag of an interactive command lets it read: -i, also
// among others as in -it, --stdin, --interactive.
func asks(flag string) bool {
	if name, long := strings.CutPrefix(flag, "--"); long {
		name, value, given := strings.Cut(name, "=")
		return (name == "stdin" || name == "interactive") && (!given || value != "false")
	}
	for letter := range strings.SplitSeq(flag[1:], "") {
		switch letter {
		case "i":
			return true
		case "t", "q":
			continue
		}
		return false // the rest is a value
	}
	return false
}
