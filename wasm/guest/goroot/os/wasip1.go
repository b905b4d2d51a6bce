//go:build wasip1

package os

import (
	"internal/filepathlite"
	"syscall"
	"time"
)

// blockUntilWaitable parks this goroutine alone: Wait4 would stop the whole
// guest, which has one thread.
func (p *Process) blockUntilWaitable() (bool, error) {
	fd, err := syscall.ProcFD(p.Pid)
	if err == syscall.ENOSYS {
		return false, nil
	}
	if err != nil {
		return false, NewSyscallError("wait", err)
	}
	f := newFile(fd, "proc", kindPipe, false)
	defer f.Close()
	var b [1]byte
	f.Read(b[:]) // end of file: it has ended
	return true, nil
}

func fillFileStatFromSys(fs *fileStat, name string) {
	fs.name = filepathlite.Base(name)
	fs.size = int64(fs.sys.Size)
	fs.modTime = time.Unix(0, int64(fs.sys.Mtime))
	fs.mode = FileMode(fs.sys.Mode & 0o777)
	if fs.sys.Mode&syscall.S_ISUID != 0 {
		fs.mode |= ModeSetuid
	}
	if fs.sys.Mode&syscall.S_ISGID != 0 {
		fs.mode |= ModeSetgid
	}
	if fs.sys.Mode&syscall.S_ISVTX != 0 {
		fs.mode |= ModeSticky
	}
	switch fs.sys.Mode & 0o170000 {
	case syscall.S_IFBLK:
		fs.mode |= ModeDevice
	case syscall.S_IFCHR:
		fs.mode |= ModeDevice | ModeCharDevice
	case syscall.S_IFDIR:
		fs.mode |= ModeDir
	case syscall.S_IFIFO:
		fs.mode |= ModeNamedPipe
	case syscall.S_IFLNK:
		fs.mode |= ModeSymlink
	case syscall.S_IFSOCK:
		fs.mode |= ModeSocket
	}
}
