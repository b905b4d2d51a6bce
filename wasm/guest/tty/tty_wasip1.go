package tty

import "syscall"

//go:wasmimport kubergarten isatty
func isatty(fd int32) uint32

//go:wasmimport kubergarten tty_size
func ttySize(fd int32, cols, rows *uint32) uint32

//go:wasmimport kubergarten tty_raw
func ttyRaw(fd int32, on uint32) uint32

// IsTerminal tells whether the descriptor is a terminal.
func IsTerminal(fd int) bool { return isatty(int32(fd)) == 0 }

// Size returns the terminal's size.
func Size(fd int) (cols, rows int, err error) {
	var c, r uint32
	if errno := ttySize(int32(fd), &c, &r); errno != 0 {
		return 0, 0, syscall.Errno(errno)
	}
	return int(c), int(r), nil
}

// Raw switches raw mode on or off.
func Raw(fd int, on bool) error {
	var n uint32
	if on {
		n = 1
	}
	if errno := ttyRaw(int32(fd), n); errno != 0 {
		return syscall.Errno(errno)
	}
	return nil
}
