package volume

// Upstream: pkg/volume/util/subpath

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/types"
)

// maxLinks is how many symbolic links a path may lead through.
const maxLinks = 40

// SubPath returns the virtual path of what sub names in the volume at dir, and
// makes a directory of it if there is nothing. It never leaves the volume.
func (m *Manager) SubPath(uid types.UID, container, volume string, index int, dir, sub string) (string, error) {
	if path.IsAbs(sub) {
		return "", fmt.Errorf("error SubPath `%s` must not be an absolute path", sub)
	}
	if slices.Contains(strings.Split(sub, "/"), "..") {
		return "", fmt.Errorf("unable to provision SubPath `%s`: must not contain '..'", sub)
	}
	vol, err := m.Root.OpenRoot(rel(dir))
	if err != nil {
		return "", fmt.Errorf("failed to prepare subPath for volumeMount %q of container %q", volume, container)
	}
	defer func() { _ = vol.Close() }()
	if _, err := vol.Stat(sub); errors.Is(err, fs.ErrNotExist) {
		if err := vol.MkdirAll(sub, 0o777); err != nil {
			return "", fmt.Errorf("failed to create subPath directory for volumeMount %q of container %q", volume, container)
		}
	}
	p, err := resolve(vol, path.Clean(sub))
	if err == nil {
		p, err = m.pin(uid, container, volume, index, dir, p)
	}
	if err != nil {
		return "", fmt.Errorf("failed to prepare subPath for volumeMount %q of container %q", volume, container)
	}
	return p, nil
}

// pin gives a file a second name outside the volume, so that neither an update
// nor the container can put something else in its place.
func (m *Manager) pin(uid types.UID, container, volume string, index int, dir, p string) (string, error) {
	info, err := m.Root.Lstat(rel(path.Join(dir, p)))
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return path.Join(dir, p), nil
	}
	pinned := path.Join(m.Dir(uid), "volume-subpaths", volume, container, strconv.Itoa(index))
	if err := m.Root.MkdirAll(rel(path.Dir(pinned)), 0o750); err != nil {
		return "", err
	}
	_ = m.Root.Remove(rel(pinned)) // of the container's last run
	return pinned, m.Root.Link(rel(path.Join(dir, p)), rel(pinned))
}

// resolve returns the path below root, without symbolic links, that p leads to.
func resolve(root *os.Root, p string) (string, error) {
	done, todo := ".", strings.Split(p, "/")
	for links := 0; len(todo) > 0; {
		next := path.Join(done, todo[0])
		todo = todo[1:]
		info, err := root.Lstat(next) // refuses what leaves root
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		to, err := root.Readlink(next)
		if err != nil {
			return "", err
		}
		if links++; links > maxLinks || path.IsAbs(to) {
			return "", fs.ErrInvalid
		}
		todo = append(strings.Split(path.Clean(to), "/"), todo...)
	}
	return done, nil
}
