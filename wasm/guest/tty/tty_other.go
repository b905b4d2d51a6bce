//go:build !wasip1

package tty

import "errors"

// IsTerminal tells whether the descriptor is a terminal.
func IsTerminal(int) bool { return false }

// Size returns the terminal's size.
func Size(int) (cols, rows int, err error) { return 0, 0, errors.ErrUnsupported }

// Raw switches raw mode on or off.
func Raw(int, bool) error { return errors.ErrUnsupported }
