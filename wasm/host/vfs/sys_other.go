//go:build !unix

package vfs

import "io/fs"

const nonblock = 0

func sysStat(fs.FileInfo, *Stat) {}

func direntIno(_ fs.DirEntry, i uint64) uint64 { return i }
