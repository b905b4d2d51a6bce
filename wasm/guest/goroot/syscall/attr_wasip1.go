//go:build wasip1

// File modes and owners, which preview 1's filestat leaves out.

package syscall

import (
	"structs"
	"unsafe"
)

// linuxStat is what path_stat and fd_stat answer: st_mode, owners, device.
type linuxStat struct {
	_                    structs.HostLayout
	mode, uid, gid, rdev uint32
}

//go:wasmimport kubergarten path_stat
//go:noescape
func host_path_stat(path *byte, n size, flags uint32, out *linuxStat) Errno

//go:wasmimport kubergarten fd_stat
//go:noescape
func host_fd_stat(fd int32, out *linuxStat) Errno

//go:wasmimport kubergarten path_chmod
//go:noescape
func host_path_chmod(path *byte, n size, mode uint32) Errno

//go:wasmimport kubergarten path_chown
//go:noescape
func host_path_chown(path *byte, n size, uid, gid, flags uint32) Errno

//go:wasmimport kubergarten umask
func host_umask(mask uint32) uint32

// noFollow is the flag of path_stat and path_chown.
const noFollow = 1

// absolute is the path as the host module wants it.
func absolute(path string) (*byte, size) {
	if isAbs(path) {
		path = joinPath("/", path)
	} else {
		path = joinPath(cwd, path)
	}
	return unsafe.StringData(path), size(len(path))
}

func Stat(path string, st *Stat_t) error  { return stat(path, st, LOOKUP_SYMLINK_FOLLOW) }
func Lstat(path string, st *Stat_t) error { return stat(path, st, 0) }

func stat(path string, st *Stat_t, flags lookupflags) error {
	if path == "" {
		return ENOENT
	}
	fd, ptr, n := preparePath(path)
	if errno := path_filestat_get(fd, flags, ptr, n, unsafe.Pointer(st)); errno != 0 {
		return errno
	}
	var more linuxStat
	ptr, n = absolute(path)
	errno := host_path_stat(ptr, n, flags^noFollow, &more)
	st.fill(more)
	return errnoErr(errno)
}

// Fstatat is for internal/syscall/unix. The host has no modes for paths
// relative to a descriptor, so a file has the mode it was made with.
func Fstatat(dirfd int, path string, st *Stat_t, flags uint32) error {
	errno := path_filestat_get(int32(dirfd), flags, unsafe.StringData(path), size(len(path)), unsafe.Pointer(st))
	st.Mode, st.Uid, st.Gid = S_IFREG|0o644, 0, 0
	switch st.Filetype {
	case FILETYPE_DIRECTORY:
		st.Mode = S_IFDIR | 0o755
	case FILETYPE_SYMBOLIC_LINK:
		st.Mode = S_IFLNK | 0o777
	}
	return errnoErr(errno)
}

func Fstat(fd int, st *Stat_t) error {
	if errno := fd_filestat_get(int32(fd), unsafe.Pointer(st)); errno != 0 {
		return errno
	}
	var more linuxStat
	errno := host_fd_stat(int32(fd), &more)
	st.fill(more)
	return errnoErr(errno)
}

func (st *Stat_t) fill(more linuxStat) {
	st.Mode, st.Uid, st.Gid = int(more.mode), more.uid, more.gid
}

func Chmod(path string, mode uint32) error {
	if path == "" {
		return ENOENT
	}
	ptr, n := absolute(path)
	return errnoErr(host_path_chmod(ptr, n, mode))
}

func Chown(path string, uid, gid int) error  { return chown(path, uid, gid, 0) }
func Lchown(path string, uid, gid int) error { return chown(path, uid, gid, noFollow) }

func chown(path string, uid, gid int, flags uint32) error {
	if path == "" {
		return ENOENT
	}
	ptr, n := absolute(path)
	return errnoErr(host_path_chown(ptr, n, uint32(uid), uint32(gid), flags))
}

func Umask(mask int) int { return int(host_umask(uint32(mask))) }
