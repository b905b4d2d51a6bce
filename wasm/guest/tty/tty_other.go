//go:build !wasip1

package tty

import "errors"

// IsTerminal tells whether the descriptor is a terminal.
func IsTerminal(int) bool { return false }

// Size returns the terminal's size.
func Size(int) (cols, rows int, err error) { return 0, 0, errors.ErrUnsupported }

// SetSize tells the terminal its size.
func SetSize(fd, cols, rows int) error { return errors.ErrUnsupported }

// GetMode returns the terminal's mode.
func GetMode(int) (Mode, error) { return 0, errors.ErrUnsupported }

// SetMode changes the terminal's mode.
func SetMode(int, Mode) error { return errors.ErrUnsupported }
