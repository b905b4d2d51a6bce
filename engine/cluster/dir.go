package cluster

import (
	"fmt"
	"os"
	"path/filepath"
)

// dir is the data directory of a cluster: a lock, and the nodes' files.
type dir struct {
	path string
	lock *os.File
}

// openDir makes the directory if need be, and takes it for this process.
func openDir(path string) (*dir, error) {
	if err := os.MkdirAll(filepath.Join(path, "nodes"), 0o700); err != nil {
		return nil, fmt.Errorf("data directory %s: %w", path, err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", path, err)
	}
	if err := tryLock(lock); err != nil {
		lock.Close()
		return nil, fmt.Errorf("data directory %s is in use by another kubergarten", path)
	}
	return &dir{path, lock}, nil
}

func (d *dir) close() { d.lock.Close() }

// node returns the real path of a node's files, and the root to reach them by.
func (d *dir) node(name string) (string, *os.Root, error) {
	path := filepath.Join(d.path, "nodes", name)
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", nil, fmt.Errorf("files of node %s: %w", name, err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return "", nil, fmt.Errorf("files of node %s: %w", name, err)
	}
	return path, root, nil
}
