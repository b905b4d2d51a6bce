// Package ash is busybox's POSIX shell.
//
// Upstream: busybox shell/ash.c
//
// How it works. mvdan.cc/sh's syntax package parses and its expand package
// expands words; the rest is here. A Shell runs statements one after another.
// There is no fork: a subshell, a command substitution and the parts of a
// pipeline run on clones of the Shell, as goroutines where they run at the
// same time. External commands are real child processes. So is a compound
// command in the background: it goes to a new shell as text, with the state it
// needs before it. The last command of `sh -c` replaces the shell, as in ash.
// Traps run between commands, and interrupt `wait`.
//
// What we leave out. Job control by the terminal (`fg`, `bg`, ^Z), `set -v`,
// arrays, process substitution, coprocesses, `ulimit` other than to print.
package ash
