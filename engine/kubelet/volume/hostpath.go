package volume

// Upstream: pkg/volume/hostpath/host_path.go

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	corev1 "k8s.io/api/core/v1"
)

// hostPath looks whether the path of the virtual node is what the pod expects,
// and makes it if it may.
func (m *Manager) hostPath(src *corev1.HostPathVolumeSource) error {
	kind := corev1.HostPathUnset
	if src.Type != nil {
		kind = *src.Type
	}
	p := rel(src.Path)
	info, err := m.Root.Stat(p)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return err
	}
	switch kind {
	case corev1.HostPathUnset:
		if missing { // a container runtime makes it
			return m.Root.MkdirAll(p, 0o755)
		}
		return nil
	case corev1.HostPathDirectoryOrCreate:
		if missing {
			return m.Root.MkdirAll(p, 0o755)
		}
		return expect(src.Path, info.IsDir(), "directory")
	case corev1.HostPathDirectory:
		return expect(src.Path, !missing && info.IsDir(), "directory")
	case corev1.HostPathFileOrCreate:
		if missing {
			return m.touch(p)
		}
		return expect(src.Path, info.Mode().IsRegular(), "file")
	case corev1.HostPathFile:
		return expect(src.Path, !missing && info.Mode().IsRegular(), "file")
	case corev1.HostPathSocket:
		return expect(src.Path, !missing && info.Mode()&fs.ModeSocket != 0, "socket file")
	case corev1.HostPathCharDev:
		return expect(src.Path, !missing && info.Mode()&fs.ModeCharDevice != 0, "character device")
	case corev1.HostPathBlockDev:
		return expect(src.Path, !missing && info.Mode()&fs.ModeDevice != 0 && info.Mode()&fs.ModeCharDevice == 0, "block device")
	}
	return fmt.Errorf("%s is an invalid volume type", kind)
}

func expect(p string, ok bool, what string) error {
	if !ok {
		return fmt.Errorf("hostPath type check failed: %s is not a %s", p, what)
	}
	return nil
}

func (m *Manager) touch(p string) error {
	if _, err := m.Root.Stat(path.Dir(p)); err != nil {
		return err // as upstream: the directory must be there
	}
	return m.Root.WriteFile(p, nil, 0o644)
}
