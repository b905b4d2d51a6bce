package workbench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kubergarten/wasm/host"
	"kubergarten/wasm/host/vfs"
)

// kubectlPath is where kubectl lies in a shell's container.
const kubectlPath = "/usr/local/bin/kubectl"

// lookEvery is how often is looked, while a kubectl runs, whether it fills the
// learner's files: it writes past the shell's file system, which counts them, and
// no system tells when a tree of files has grown.
const lookEvery = time.Second

// runKubectl is kubectl of all shells at the bench.
func (b *bench) runKubectl(ctx context.Context, c host.Command) int {
	k := b.kubectl.Load()
	if k == nil || *k == nil {
		fmt.Fprintln(c.Stderr, "kubectl: there is no cluster to talk to")
		return 126
	}
	return b.bounded(ctx, *k, c)
}

// bounded runs kubectl, which writes past the quota, and ends it when the
// learner's files have become too many by it, as they may not be when it starts.
func (b *bench) bounded(ctx context.Context, k Kubectl, c host.Command) int {
	if b.full() {
		return b.sayFull(c)
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	full := make(chan bool, 1)
	go func() {
		full <- b.waitFull(ctx)
		end()
	}()
	code := k(ctx, c)
	end()
	if <-full {
		return b.sayFull(c)
	}
	return code
}

// waitFull waits until the learner's files are too many; false if ctx ends.
func (b *bench) waitFull(ctx context.Context) bool {
	for {
		t := b.w.cfg.Clock.NewTimer(lookEvery)
		select {
		case <-t.C():
		case <-ctx.Done():
			t.Stop()
			return false
		}
		if b.full() {
			return true
		}
	}
}

// full tells whether the learner's files are more than the quota, and an eighth
// for what kubectl keeps for itself.
func (b *bench) full() bool {
	q, used := b.w.cfg.Quota, vfs.Usage(b.home)
	return q.Bytes > 0 && used.Bytes > q.Bytes+q.Bytes/8 || q.Inodes > 0 && used.Inodes > q.Inodes+q.Inodes/8
}

func (b *bench) sayFull(c host.Command) int {
	q := b.w.cfg.Quota
	fmt.Fprintf(c.Stderr, "error: your files in %s are more than %d MiB, or more than %d files: remove some of them first\n", homeDir, q.Bytes>>20, q.Inodes)
	return 1
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
