package etcd

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
)

// writeFile writes entries to a new file, and returns when they are durable.
func writeFile(path string, entries iter.Seq[entry]) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			_ = os.Remove(path) // it only takes room that is needed
		}
	}()
	var buf []byte
	for e := range entries {
		if buf = appendFrame(buf, e); len(buf) > 1<<20 {
			if _, err := f.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	if _, err := f.Write(buf); err != nil {
		return err
	}
	return f.Sync()
}

// replaceFile puts from in the place of to, and keeps to as old. At each moment
// there is a whole file named to: old is a second link to it, not a move.
func replaceFile(dir, from, to, old string) error {
	from, to, old = filepath.Join(dir, from), filepath.Join(dir, to), filepath.Join(dir, old)
	if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Link(to, old); err != nil {
		return fmt.Errorf("keep %s: %w", filepath.Base(to), err)
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the names in dir durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // a directory can not be synced there; NTFS logs its names
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
