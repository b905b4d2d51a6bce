package applet

import (
	"syscall"
	"unsafe"
)

//go:wasmimport kubergarten path_statfs
//go:noescape
func pathStatfs(path *byte, n uint32, out *[5]uint64) uint32

func statfs(dir string) (fsStat, error) {
	var out [5]uint64
	if errno := pathStatfs(unsafe.StringData(dir), uint32(len(dir)), &out); errno != 0 {
		return fsStat{}, syscall.Errno(errno)
	}
	return fsStat{out[0], out[1], out[2], out[3]}, nil
}
