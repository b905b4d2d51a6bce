package vfs

import (
	"io"
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

// An Attr is what a file has besides its contents.
type Attr struct {
	Mode     uint32 // permission bits; the type is added
	UID, GID uint32
	Mtime    time.Time
	Tag      any // what an image knows about the file: say, its program
}

// A Content is what a file of an image holds.
type Content interface {
	io.ReaderAt
	Size() int64
}

// A Tree is the file tree of an image, shared read-only by its containers. It
// is built by one goroutine and not changed once a file system uses it.
type Tree struct{}

// NewTree returns a tree that holds an empty root directory.
func NewTree() *Tree { return &Tree{} }

// Mkdir adds a directory and those above it, or changes the attributes of one
// that is there.
func (t *Tree) Mkdir(path string, a Attr) error { return nil }

// File adds or replaces a regular file. Directories above are made as needed.
func (t *Tree) File(path string, a Attr, c Content) error { return nil }

// Symlink adds or replaces a symbolic link.
func (t *Tree) Symlink(path, target string, a Attr) error { return nil }

// Link gives the file at old another name.
func (t *Tree) Link(old, path string) error { return nil }

// Remove takes a name, and all below it, away: a layer's whiteout.
func (t *Tree) Remove(path string) error { return nil }

// Bytes returns b as a Content.
func Bytes(b []byte) Content { return nil }
