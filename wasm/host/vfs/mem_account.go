package vfs

import "sync/atomic"

// A Quota bounds what is written to a file system in memory; zero means no
// bound.
type Quota struct {
	Bytes  int64
	Inodes int64
}

// account is what a file system in memory has used of its quota.
type account struct {
	quota         Quota
	bytes, inodes atomic.Int64
}

// take charges n bytes, or reports that they do not fit.
func (a *account) take(n int64) bool {
	if b := a.bytes.Add(n); a.quota.Bytes > 0 && b > a.quota.Bytes {
		a.bytes.Add(-n)
		return false
	}
	return true
}

func (a *account) give(n int64) { a.bytes.Add(-n) }

// inode charges one inode, or reports that there is none left.
func (a *account) inode() bool {
	if n := a.inodes.Add(1); a.quota.Inodes > 0 && n > a.quota.Inodes {
		a.inodes.Add(-1)
		return false
	}
	return true
}

func (a *account) statfs() Statfs { return left(a.quota, a.bytes.Load(), a.inodes.Load()) }

// left is what a quota and its use mean.
func left(q Quota, bytes, inodes int64) (s Statfs) {
	free := func(quota, used int64) (uint64, uint64) {
		if quota <= 0 {
			return 0, 0
		}
		return uint64(quota), uint64(max(quota-used, 0))
	}
	s.Bytes, s.BytesFree = free(q.Bytes, bytes)
	s.Inodes, s.InodesFree = free(q.Inodes, inodes)
	return s
}
