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

// openTerminal is not built for this system.
func openTerminal(int, int) (master, slave *os.File, err error) {
	return nil, nil, errors.ErrUnsupported
}

func resizeTerminal(*os.File, int, int) error { return errors.ErrUnsupported }

func ownTerminal(*exec.Cmd) {}
