package etcd

import (
	"os"

	"golang.org/x/sys/windows"
)

func tryLock(f *os.File) error {
	const all = ^uint32(0)
	flags := uint32(windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY)
	// A byte far behind the text, so that others can still read who holds it.
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{Offset: all, OffsetHigh: all >> 1})
}
