package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// forgetCode lets go of the pages of the program's file that are in memory. Most
// of them were needed by the start alone: the tables of all API types, kubectl.
// Those that are needed again come back from the system's page cache.
func forgetCode() {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		if from, to, ok := unchanged(line, exe); ok {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED)
		}
	}
}

// unchanged reads a line of /proc/self/maps. It tells where a part of the file
// lies that nothing can have written to.
func unchanged(line, file string) (from, to uintptr, ok bool) {
	f := strings.Fields(line)
	if len(f) != 6 || f[5] != file || f[1] != "r-xp" && f[1] != "r--p" {
		return 0, 0, false
	}
	n, err := fmt.Sscanf(f[0], "%x-%x", &from, &to)
	return from, to, err == nil && n == 2 && from < to
}
