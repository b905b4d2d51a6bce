package tty

import "syscall"

//go:wasmimport kubergarten isatty
func isatty(fd int32) uint32

//go:wasmimport kubergarten tty_size
func ttySize(fd int32, cols, rows *uint32) uint32

//go:wasmimport kubergarten tty_resize
func ttyResize(fd int32, cols, rows uint32) uint32

//go:wasmimport kubergarten tty_mode
func ttyMode(fd int32, mode *uint32) uint32

//go:wasmimport kubergarten tty_set_mode
func ttySetMode(fd int32, mode uint32) uint32

// IsTerminal tells whether the descriptor is a terminal.
func IsTerminal(fd int) bool { return isatty(int32(fd)) == 0 }

// Size returns the terminal's size.
func Size(fd int) (cols, rows int, err error) {
	var c, r uint32
	err = failure(ttySize(int32(fd), &c, &r))
	return int(c), int(r), err
}

// SetSize tells the terminal its size.
func SetSize(fd, cols, rows int) error {
	return failure(ttyResize(int32(fd), uint32(cols), uint32(rows)))
}

// GetMode returns the terminal's mode.
func GetMode(fd int) (Mode, error) {
	var m uint32
	err := failure(ttyMode(int32(fd), &m))
	return Mode(m), err
}

// SetMode changes the terminal's mode.
func SetMode(fd int, m Mode) error { return failure(ttySetMode(int32(fd), uint32(m))) }

func failure(errno uint32) error {
	if errno != 0 {
		return syscall.Errno(errno)
	}
	return nil
}
