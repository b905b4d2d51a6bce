package vfs

import (
	"slices"
	"syscall"
)

// A Cred is who acts on files. The zero value is root.
type Cred struct {
	UID, GID uint32
	Groups   []uint32
}

// What is asked of a file.
const (
	mayExec  = 1
	mayWrite = 2
	mayRead  = 4
)

// may returns EACCES unless the user may do what want says with the file.
func (c *Cred) may(n node, want uint32) error {
	if c.UID == 0 {
		return nil
	}
	st, err := n.stat()
	if err != nil {
		return err
	}
	perm := st.Mode
	switch {
	case c.UID == st.UID:
		perm >>= 6
	case c.GID == st.GID || slices.Contains(c.Groups, st.GID):
		perm >>= 3
	}
	if perm&want != want {
		return syscall.EACCES
	}
	return nil
}

// mayRemove checks the right to take name out of dir, the sticky bit included.
func (c *Cred) mayRemove(dir, n node) error {
	if c.UID == 0 {
		return nil
	}
	if err := c.may(dir, mayWrite|mayExec); err != nil {
		return err
	}
	d, err := dir.stat()
	if err != nil || d.Mode&0o1000 == 0 || d.UID == c.UID {
		return err
	}
	st, err := n.stat()
	if err == nil && st.UID != c.UID {
		err = syscall.EPERM
	}
	return err
}

// owns returns EPERM unless the user owns the file.
func (c *Cred) owns(n node) error {
	if c.UID == 0 {
		return nil
	}
	st, err := n.stat()
	if err == nil && st.UID != c.UID {
		err = syscall.EPERM
	}
	return err
}
