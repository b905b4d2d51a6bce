package volume

// Upstream: pkg/volume/util/atomic_writer.go

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/rand"
)

const (
	dataDir    = "..data"
	newDataDir = "..data_tmp"
)

// A File is one file of a payload.
type File struct {
	Data []byte
	Mode int32
}

// Write makes dir show the payload, all of it at once, and reports whether that
// changed anything. Names are relative paths that do not leave dir.
func Write(root *os.Root, dir string, payload map[string]File, now time.Time) (changed bool, err error) {
	for name := range payload {
		if err := validatePath(name); err != nil {
			return false, err
		}
	}
	if err := root.MkdirAll(dir, 0o755); err != nil {
		return false, fmt.Errorf("make volume directory: %w", err)
	}
	old, err := root.Readlink(path.Join(dir, dataDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("unable to read link for data directory: %w", err)
	}
	if old != "" && same(root, path.Join(dir, old), payload) {
		return false, link(root, dir, payload)
	}
	fresh := now.UTC().Format("..2006_01_02_15_04_05.") + rand.String(10)
	if err := writeAll(root, path.Join(dir, fresh), payload); err != nil {
		_ = root.RemoveAll(path.Join(dir, fresh))
		return false, err
	}
	if err := show(root, dir, fresh); err != nil {
		return false, err
	}
	if err := link(root, dir, payload); err != nil {
		return true, err
	}
	if err := unlink(root, dir, payload); err != nil {
		return true, err
	}
	if old != "" {
		return true, root.RemoveAll(path.Join(dir, old))
	}
	return true, nil
}

func validatePath(name string) error {
	switch {
	case name == "" || path.IsAbs(name):
		return fmt.Errorf("invalid path: must be relative path: %s", name)
	case slices.Contains(strings.Split(name, "/"), ".."):
		return fmt.Errorf("invalid path: must not contain '..': %s", name)
	case strings.HasPrefix(name, ".."):
		return fmt.Errorf("invalid path: must not start with '..': %s", name)
	}
	return nil
}

func writeAll(root *os.Root, dir string, payload map[string]File) error {
	if err := root.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	for name, f := range payload {
		p := path.Join(dir, name)
		if err := root.MkdirAll(path.Dir(p), 0o755); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := root.WriteFile(p, f.Data, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := root.Chmod(p, fs.FileMode(f.Mode)&fs.ModePerm); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// show makes "..data" point at the new directory, in one step.
func show(root *os.Root, dir, fresh string) error {
	tmp := path.Join(dir, newDataDir)
	_ = root.Remove(tmp)
	if err := root.Symlink(fresh, tmp); err != nil {
		return fmt.Errorf("show data: %w", err)
	}
	if err := root.Rename(tmp, path.Join(dir, dataDir)); err != nil {
		return fmt.Errorf("show data: %w", err)
	}
	return nil
}

// link makes the names that users see: each points through "..data".
func link(root *os.Root, dir string, payload map[string]File) error {
	for name := range payload {
		top, _, _ := strings.Cut(path.Clean(name), "/")
		err := root.Symlink(path.Join(dataDir, top), path.Join(dir, top))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("link %s: %w", top, err)
		}
	}
	return nil
}

// unlink removes the names that are not in the payload any more.
func unlink(root *os.Root, dir string, payload map[string]File) error {
	keep := map[string]bool{}
	for name := range payload {
		top, _, _ := strings.Cut(path.Clean(name), "/")
		keep[top] = true
	}
	entries, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		return fmt.Errorf("read volume: %w", err)
	}
	for _, e := range entries {
		if !keep[e.Name()] && !strings.HasPrefix(e.Name(), "..") {
			if err := root.Remove(path.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("unlink %s: %w", e.Name(), err)
			}
		}
	}
	return nil
}

// same reports whether the directory holds the payload and nothing else.
func same(root *os.Root, dir string, payload map[string]File) bool {
	n := 0
	err := fs.WalkDir(root.FS(), dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		want, ok := payload[strings.TrimPrefix(p, dir+"/")]
		info, err := e.Info()
		if !ok || err != nil || info.Mode().Perm() != fs.FileMode(want.Mode)&fs.ModePerm {
			return fs.ErrInvalid
		}
		have, err := root.ReadFile(p)
		if err != nil || !bytes.Equal(have, want.Data) {
			return fs.ErrInvalid
		}
		n++
		return nil
	})
	return err == nil && n == len(payload)
}
