//go:build unix

package cluster

import (
	"os"
	"syscall"
)

// tryLock takes f for this process, until f is closed or the process ends.
func tryLock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
