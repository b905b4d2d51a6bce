package vfs

import (
	"os"
	"time"
)

// A Config describes a container's root file system.
type Config struct {
	Tree     *Tree // the image; nil: empty
	ReadOnly bool  // no writing to the root file system (mounts have their own say)
	Quota    Quota
	Now      func() time.Time // for modification times
}

// A Quota bounds what is written to a file system in memory; zero means no
// bound.
type Quota struct {
	Bytes  int64
	Inodes int64
}

// A FS is the file system of a container: its root and mounts.
type FS struct{}

// New returns a file system with a root, /dev and nothing else mounted.
func New(c Config) *FS { return &FS{} }

// A Source is something to mount: Host, Tmpfs, or Virtual.
type Source interface{ source() }

// Host is the file or directory at path in root: a volume of the node. Nothing
// in it leads out of it.
func Host(root *os.Root, path string) (Source, error) { return nil, nil }

// Tmpfs is a new file system in memory. It may be mounted in many containers.
func Tmpfs(q Quota, now func() time.Time) Source { return nil }

// Mount puts s at path, which is made if it is not there.
func (f *FS) Mount(path string, s Source, readOnly bool) error { return nil }

// Usage is what has been written to the root file system.
func (f *FS) Usage() (bytes, inodes int64) { return 0, 0 }

// Close frees what the mounts hold.
func (f *FS) Close() error { return nil }

// A Cred is who acts on files. The zero value is root.
type Cred struct {
	UID, GID uint32
	Groups   []uint32
}

// View returns the file system as a process with that number and that user
// sees it. PID 0 is the host.
func (f *FS) View(pid int, c Cred) View { return View{} }

// A View is a file system in the eyes of one process.
type View struct{}

// ReadFile returns the contents of a file, of at most max bytes.
func (v View) ReadFile(path string, max int64) ([]byte, error) { return nil, nil }

// WriteFile makes or replaces a file.
func (v View) WriteFile(path string, b []byte, perm uint32) error { return nil }

// MkdirAll makes a directory and those above it.
func (v View) MkdirAll(path string, perm uint32) error { return nil }

// A Stat is what is known of a file.
type Stat struct {
	Dev, Ino, Nlink   uint64
	Mode              uint32
	UID, GID, Rdev    uint32
	Size              int64
	Mtime, Atim, Ctim time.Time
	Tag               any
}

// Stat describes the file at path; a last symbolic link is followed if follow
// is true.
func (v View) Stat(path string, follow bool) (Stat, error) { return Stat{}, nil }
