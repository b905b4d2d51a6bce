package image

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// codeToDisk puts a file without a name, in dir, in the place of all machine
// code of at least so many bytes that lies in memory. A program's code is four times its module, and a
// guest runs little of it: of a file the system holds what runs, and may let go
// of it when memory is short; of anonymous memory it must hold everything.
//
// The bytes and their addresses stay the same, so guests may run meanwhile. No
// program must be closed meanwhile: its addresses could be somebody else's then.
func codeToDisk(dir string, least uint64) error {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return fmt.Errorf("find the machine code: %w", err)
	}
	defer maps.Close()
	all, err := findCode(maps, least)
	for _, c := range all {
		err = errors.Join(err, c.toDisk(dir))
	}
	return err
}

// code is where machine code lies, from an address to another.
type code struct{ from, to uint64 }

// findCode reads a list of mappings, as /proc/PID/maps has it, for what can be
// run and belongs to no file:
//
//	7fccc9579000-7fcccc000000 r-xp 00000000 00:00 0
func findCode(maps io.Reader, least uint64) (all []code, err error) {
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		var c code
		var can string
		var offset, major, minor, inode uint64
		n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s %x %x:%x %d", &c.from, &c.to, &can, &offset, &major, &minor, &inode)
		named := strings.Contains(lines.Text(), "[") // the kernel's own: [vdso]
		if n == 7 && can == "r-xp" && inode == 0 && !named && c.from < c.to && c.to-c.from >= least {
			all = append(all, c)
		}
	}
	return all, lines.Err()
}

func (c code) toDisk(dir string) error {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return fmt.Errorf("make a file for machine code in %s: %w", dir, err)
	}
	file := os.NewFile(uintptr(fd), "machine code")
	defer file.Close()
	if err := c.copyTo(file); err != nil {
		return fmt.Errorf("write machine code: %w", err)
	}
	size := uintptr(c.to - c.from)
	at, _, errno := unix.Syscall6(unix.SYS_MMAP, uintptr(c.from), size, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_FIXED, file.Fd(), 0)
	if errno != 0 {
		return fmt.Errorf("map machine code at %x: %w", at, errno)
	}
	return nil
}

// copyTo writes the code, and reads it back: from now on it is what runs.
func (c code) copyTo(file *os.File) error {
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		return err
	}
	defer mem.Close()
	const piece = 1 << 20
	ours, theirs := make([]byte, piece), make([]byte, piece)
	for at := c.from; at < c.to; at += piece {
		n := min(piece, c.to-at)
		if _, err := mem.ReadAt(ours[:n], int64(at)); err != nil {
			return err
		}
		if _, err := file.WriteAt(ours[:n], int64(at-c.from)); err != nil {
			return err
		}
		if _, err := file.ReadAt(theirs[:n], int64(at-c.from)); err != nil || !bytes.Equal(ours[:n], theirs[:n]) {
			return errors.Join(errSpoilt, err)
		}
	}
	return nil
}
