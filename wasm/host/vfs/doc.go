// Package vfs is a container's file system: a mount table over read-only image
// trees with a writable top, directories of the node, memory, and virtual
// files.
//
// Upstream: what the Linux VFS, overlayfs, tmpfs, procfs and bind mounts are to
// a container.
//
// How it works. Paths are resolved here (resolve.go), component by component,
// from the container's root, through a trie of mount points; symbolic links and
// ".." never lead out of it. Three kinds of file systems lie below, behind the
// interface node: memory (mem*.go: a Tree of an image below a copy-on-write top
// with quotas, or empty: tmpfs), a directory of the node through os.Root
// (host*.go), and virtual directories (virtual.go: /dev, and what package host
// makes of /proc). A File is an open file description: offset, flags, and a
// handle that lives on when its name is gone. A View is the file system in the
// eyes of one process: its user, and its /proc/self.
//
// Lock order: File.mu, then memFS.mu (names and attributes), then data.mu (the
// bytes of one file). A node's file system is never called with a lock of
// another one held.
//
// What we leave out: FIFOs, device files and sockets in writable file systems,
// extended attributes, record locks, and access times that follow reading. A
// directory of the node keeps the modes of its files but not their owners:
// changing those there is EPERM.
package vfs
