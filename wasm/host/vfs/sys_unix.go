//go:build unix

package vfs

import (
	"io/fs"
	"os"
	"syscall"
)

const nonblock = syscall.O_NONBLOCK

// sysStat adds what only the system's own structure has.
func sysStat(st fs.FileInfo, out *Stat) {
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	out.Dev, out.Ino, out.Nlink = uint64(sys.Dev), sys.Ino, uint64(sys.Nlink)
	out.UID, out.GID = sys.Uid, sys.Gid
	if int(sys.Uid) == os.Getuid() {
		out.UID, out.GID = 0, 0
	}
}

// direntIno is the inode number of a directory's entry. Asking for it would be
// a system call for each, so a number of its own will do, as on overlayfs.
func direntIno(_ fs.DirEntry, i uint64) uint64 { return i }
