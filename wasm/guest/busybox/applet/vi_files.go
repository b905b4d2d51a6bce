package applet

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"kubergarten/wasm/guest/busybox/vi"
)

// diskFiles are vi's files.
type diskFiles struct{}

var _ vi.Files = diskFiles{}

// errNotRegular is worded as vi says it.
var errNotRegular = errors.New("is not a regular file")

// Read implements vi.Files.
func (diskFiles) Read(name string) ([]byte, error) {
	if fi, err := os.Stat(name); err == nil && !fi.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return os.ReadFile(name)
}

// Exists implements vi.Files.
func (diskFiles) Exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// Reason implements vi.Files.
func (diskFiles) Reason(err error) string { return reason(err) }

// Write implements vi.Files: another file takes the place of the old one, so
// that a full disk costs nothing. Where that cannot be, the file is written
// itself: also on a full disk if it does not grow, for that may make room.
func (diskFiles) Write(name string, data []byte) error {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	fi, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return writeBeside(name, data, nil)
	case err != nil:
		return err
	case fi.Mode()&fs.ModeSymlink != 0: // to nothing
		return os.WriteFile(name, data, 0o666)
	case !fi.Mode().IsRegular():
		return errNotRegular
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	f.Close()
	if sys := inspect(fi); sys.nlink > 1 || int(sys.uid) != os.Geteuid() {
		return writeItself(name, data)
	}
	err = writeBeside(name, data, fi)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, errNotRenamed) || isFull(err) && int64(len(data)) <= fi.Size() {
		return writeItself(name, data)
	}
	return err
}

// isFull tells that there is no room for another file.
func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// errNotRenamed tells that a file cannot be replaced, as when it is mounted.
var errNotRenamed = errors.New("not renamed")

// writeBeside writes a new file and gives it the name.
func writeBeside(name string, data []byte, old fs.FileInfo) error {
	f, err := createBeside(name)
	if err != nil {
		return err
	}
	beside := f.Name()
	if _, err = f.Write(data); err == nil && old != nil {
		err = os.Chmod(beside, old.Mode().Perm())
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil && os.Rename(beside, name) != nil {
		err = errNotRenamed
	}
	if err != nil {
		os.Remove(beside)
	}
	return err
}

// createBeside makes an empty file. Those of earlier programs with our number,
// that were killed as they wrote, are in the way.
func createBeside(name string) (f *os.File, err error) {
	first := filepath.Join(filepath.Dir(name), ".vi"+strconv.Itoa(os.Getpid()))
	for i, beside := 1, first; i <= 100; i, beside = i+1, first+"."+strconv.Itoa(i) {
		f, err = os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return f, err
}

// writeItself writes over a file, and puts back what it was if that fails.
func writeItself(name string, data []byte) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err = writeOver(name, data); err != nil {
		_ = writeOver(name, old)
	}
	return err
}

// writeOver gives a file its new length last, so that no room is lost meanwhile.
func writeOver(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err == nil {
		err = f.Truncate(int64(len(data)))
	}
	return errors.Join(err, f.Close())
}
