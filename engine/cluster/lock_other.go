//go:build !unix

package cluster

import "os"

// tryLock relies on etcd's own lock of its directory, which every platform has.
func tryLock(*os.File) error { return nil }
