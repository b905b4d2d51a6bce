package vfs

import (
	"time"
)

// Permission and type bits of a mode, as Linux has them.
const (
	ModeType    = 0o170000
	ModeDir     = 0o040000
	ModeFile    = 0o100000
	ModeSymlink = 0o120000
	ModeChar    = 0o020000
	ModePerm    = 0o007777
)

// node is a file of any kind in one of the file systems below. Its methods may
// be called from any goroutine. Names given to it are single components, never
// "." or "..".
type node interface {
	kind() uint32 // the type bits of its mode; they never change
	stat() (Stat, error)
	lookup(name string) (node, error)
	readdir() ([]Dirent, error)
	create(name string, perm uint32, c Cred) (node, error) // EEXIST if it is there
	mkdir(name string, perm uint32, c Cred) error
	symlink(name, target string, c Cred) error
	link(name string, n node) error
	unlink(name string) error
	rmdir(name string) error
	rename(name string, to node, toName string) error
	readlink(self int) (string, error)
	open(f Flags) (handle, error)
	setattr(a attrs) error
	statfs() Statfs
}

// handle is an open file. It outlives the file's names.
type handle interface {
	readAt(p []byte, off int64) (int, error) // 0, nil at the end
	writeAt(p []byte, off int64) (int, error)
	append(p []byte) (n int, end int64, err error)
	truncate(size int64) error
	stat() (Stat, error)
	setattr(a attrs) error
	sync() error
	close() error
}

// attrs is a change of attributes: nil means leave.
type attrs struct {
	perm, uid, gid *uint32
	atim, mtim     *time.Time
	size           *int64
}

// A Stat is what is known of a file.
type Stat struct {
	Dev, Ino, Nlink  uint64
	Mode             uint32 // with the type
	UID, GID, Rdev   uint32
	Size             int64
	Atim, Mtim, Ctim time.Time
	Tag              any // of the image's file, as long as it is not written to
}

// IsDir reports whether it is a directory.
func (s *Stat) IsDir() bool { return s.Mode&ModeType == ModeDir }

// A Statfs is what is known of a file system. Zero sizes mean no bound.
type Statfs struct {
	Bytes, BytesFree   uint64
	Inodes, InodesFree uint64
	ReadOnly           bool
}

// A Dirent is a name in a directory.
type Dirent struct {
	Name string
	Ino  uint64
	Kind uint32 // type bits
}
