// Package tty asks the host about terminals.
//
// Upstream: termios(3), as far as guests need it.
//
// How it works. In a guest by the functions tty_* of the host module
// kubergarten; natively, for tests, nothing is a terminal.
//
// What we leave out. The flags of termios that are always the same here, and
// the control characters.
package tty
