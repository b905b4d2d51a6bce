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
	all, _, err := findCode(maps, least)
	for _, c := range all {
		err = errors.Join(err, c.toDisk(dir))
	}
	return err
}

// restCode takes the machine code that codeToDisk has put into files out of
// memory. What runs is read again, in pieces, as it is needed.
func restCode() error {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return fmt.Errorf("find the machine code: %w", err)
	}
	defer maps.Close()
	_, all, err := findCode(maps, 1)
	for _, c := range all {
		_, _, errno := unix.Syscall(unix.SYS_MADVISE, uintptr(c.from), uintptr(c.to-c.from), unix.MADV_DONTNEED)
		if errno != 0 {
			err = errors.Join(err, fmt.Errorf("let go of machine code at %x: %w", c.from, errno))
		}
	}
	return err
}

// code is where machine code lies, from an address to another.
type code struct{ from, to uint64 }

// findCode reads a list of mappings, as /proc/PID/maps has it, for what can be
// run and belongs to no file, or to one that never had a name:
//
//	7fccc9579000-7fcccc000000 r-xp 00000000 00:00 0
//	7fccd1000000-7fccd2000000 r-xp 00000000 08:01 1978 /root/.cache/kubergarten/#1978 (deleted)
func findCode(maps io.Reader, least uint64) (inMemory, inFile []code, err error) {
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		var c code
		var can string
		var offset, major, minor, inode uint64
		line := lines.Text()
		n, _ := fmt.Sscanf(line, "%x-%x %s %x %x:%x %d", &c.from, &c.to, &can, &offset, &major, &minor, &inode)
		if n != 7 || can != "r-xp" || c.from >= c.to || c.to-c.from < least {
			continue
		}
		switch {
		case inode == 0 && !strings.Contains(line, "["): // those are the kernel's own: [vdso]
			inMemory = append(inMemory, c)
		case inode != 0 && strings.HasSuffix(line, fmt.Sprintf("/#%d (deleted)", inode)):
			inFile = append(inFile, c)
		}
	}
	return inMemory, inFile, lines.Err()
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
