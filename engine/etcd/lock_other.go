//go:build !unix && !windows

package etcd

import "os"

// tryLock: where there are no processes, nobody else can have it open.
func tryLock(*os.File) error { return nil }
