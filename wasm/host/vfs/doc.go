// Package vfs is a container's file system: a mount table over read-only image
// trees with a writable top, directories of the node, memory, and virtual
// files.
//
// Upstream: what the Linux VFS, overlayfs, tmpfs and bind mounts are to a
// container.
//
// How it works. Paths are resolved here, component by component, from the
// container's root, through a trie of mount points; symbolic links and ".."
// never lead out of it. Three kinds of file systems lie below: memory (a
// Tree of an image below a copy-on-write top with quotas, or empty for tmpfs),
// a directory of the node through os.Root, and virtual directories (/dev, and
// what package host makes of /proc). A File is an open file description: it
// lives on when its name is gone.
//
// Lock order: memfs.mu (names and attributes of one file system), then a file's
// data lock, then a File's offset lock is never taken inside them.
//
// What we leave out: FIFOs, device nodes, sockets, extended attributes, file
// locks, access times (they follow the modification time).
package vfs
