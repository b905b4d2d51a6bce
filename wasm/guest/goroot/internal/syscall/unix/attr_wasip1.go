//go:build wasip1

package unix

import "syscall"

func lookupFlags(flags int) uint32 {
	if flags&AT_SYMLINK_NOFOLLOW == 0 {
		return syscall.LOOKUP_SYMLINK_FOLLOW
	}
	return 0
}

func Fstatat(dirfd int, path string, stat *syscall.Stat_t, flags int) error {
	return syscall.Fstatat(dirfd, path, stat, lookupFlags(flags))
}

// Eaccess leaves the question to the permission bits.
func Eaccess(path string, mode uint32) error { return syscall.ENOSYS }
