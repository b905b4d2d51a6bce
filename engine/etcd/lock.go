package etcd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// errInUse is the answer to a second opener of a data directory.
var errInUse = errors.New("is in use")

// lockDir makes the caller the only one that has dir open, until the file is
// closed or the process ends, however it ends.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(f); err != nil {
		owner, _ := os.ReadFile(f.Name()) // only to name it
		_ = f.Close()
		return nil, fmt.Errorf("%w by process %s", errInUse, strings.TrimSpace(string(owner)))
	}
	if err := f.Truncate(0); err != nil {
		return f, err
	}
	_, err = fmt.Fprintln(f, os.Getpid())
	return f, err
}
