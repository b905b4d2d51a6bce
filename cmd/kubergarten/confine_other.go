//go:build !linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// self is the running program.
func self() (string, error) { return os.Executable() }

// leash has no means here: the child ends with its context.
func leash(*exec.Cmd) {}

// signalGroup signals the child, which starts no others.
func signalGroup(cmd *exec.Cmd, sig syscall.Signal) { _ = cmd.Process.Signal(sig) }

// landlockABI is 0: only Linux has Landlock.
func landlockABI() int { return 0 }

// wall has no means here: the checks stand alone.
func (c confinement) wall() error { return nil }

// openTerminal is not built for this system. Pipes would not do in its place:
// nobody would echo what is typed, or take Ctrl-C for a signal.
func openTerminal(int, int) (master, slave *os.File, err error) {
	return nil, nil, errors.New("only kubergarten on Linux can do that: leave out -i and -t, or have kubectl read a file or a pipe")
}

func resizeTerminal(*os.File, int, int) error { return errors.ErrUnsupported }

func ownTerminal(*exec.Cmd) {}
