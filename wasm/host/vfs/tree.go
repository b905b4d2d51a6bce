package vfs

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"
	"syscall"
	"time"
)

// An Attr is what a file has besides its contents.
type Attr struct {
	Mode     uint32 // permission bits; the type is added
	UID, GID uint32
	Mtime    time.Time
	Tag      any // what an image knows about the file: say, its program
}

// A Content is what a file of an image holds. It must be safe for concurrent
// use.
type Content interface {
	io.ReaderAt
	Size() int64
}

// Bytes returns b, which must not change, as a Content.
func Bytes(b []byte) Content { return bytes.NewReader(b) }

// A Tree is the file tree of an image, shared read-only by its containers. It
// is built by one goroutine and not changed once a file system uses it.
type Tree struct {
	root  *leaf
	count uint64
}

// leaf is a file of a Tree.
type leaf struct {
	Attr
	ino, nlink uint64
	typ        uint32
	kids       map[string]*leaf // of a directory
	content    Content          // of a regular file
	target     string           // of a symbolic link
}

// NewTree returns a tree that holds an empty root directory.
func NewTree() *Tree {
	t := &Tree{}
	t.root = t.leaf(ModeDir, Attr{Mode: 0o755})
	return t
}

func (t *Tree) leaf(typ uint32, a Attr) *leaf {
	t.count++
	l := &leaf{Attr: a, ino: t.count, typ: typ, nlink: 1}
	l.Mode &= ModePerm
	if typ == ModeDir {
		l.kids = map[string]*leaf{}
	}
	return l
}

// Mkdir adds a directory and those above it, or changes the attributes of one
// that is there.
func (t *Tree) Mkdir(name string, a Attr) error {
	if path.Clean("/"+name) == "/" {
		a.Mode &= ModePerm
		t.root.Attr = a
		return nil
	}
	dir, base, err := t.parent(name)
	if err != nil {
		return err
	}
	if l := dir.kids[base]; l != nil && l.typ == ModeDir {
		a.Mode &= ModePerm
		l.Attr = a
		return nil
	}
	dir.kids[base] = t.leaf(ModeDir, a)
	return nil
}

// File adds or replaces a regular file. Directories above are made as needed.
func (t *Tree) File(name string, a Attr, c Content) error {
	dir, base, err := t.parent(name)
	if err != nil {
		return err
	}
	l := t.leaf(ModeFile, a)
	l.content = c
	dir.kids[base] = l
	return nil
}

// Symlink adds or replaces a symbolic link.
func (t *Tree) Symlink(name, target string, a Attr) error {
	dir, base, err := t.parent(name)
	if err != nil {
		return err
	}
	a.Mode = 0o777
	l := t.leaf(ModeSymlink, a)
	l.target = target
	dir.kids[base] = l
	return nil
}

// Link gives the file at old another name.
func (t *Tree) Link(old, name string) error {
	from, base, err := t.parent(old)
	if err != nil {
		return err
	}
	l := from.kids[base]
	if l == nil || l.typ == ModeDir {
		return fmt.Errorf("link %s: %w", old, syscall.ENOENT)
	}
	to, base, err := t.parent(name)
	if err != nil {
		return err
	}
	l.nlink++
	to.kids[base] = l
	return nil
}

// Remove takes a name, and all below it, away: a layer's whiteout.
func (t *Tree) Remove(name string) error {
	dir, base, err := t.parent(name)
	if err != nil {
		return err
	}
	delete(dir.kids, base)
	return nil
}

// parent returns the directory that holds name, which it makes if need be. It
// does not follow symbolic links: a layer that writes through one is refused.
func (t *Tree) parent(name string) (*leaf, string, error) {
	clean := path.Clean("/" + name)[1:]
	dir := t.root
	for {
		first, rest, more := strings.Cut(clean, "/")
		if first == "" || len(first) > maxName || strings.IndexByte(first, 0) >= 0 {
			return nil, "", fmt.Errorf("name %q: %w", name, syscall.EINVAL)
		}
		if !more {
			return dir, first, nil
		}
		sub := dir.kids[first]
		if sub == nil {
			sub = t.leaf(ModeDir, Attr{Mode: 0o755})
			dir.kids[first] = sub
		}
		if sub.typ != ModeDir {
			return nil, "", fmt.Errorf("%s in %q: %w", first, name, syscall.ENOTDIR)
		}
		dir, clean = sub, rest
	}
}
