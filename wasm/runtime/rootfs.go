package runtime

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/wasm/host/vfs"
	"kubergarten/wasm/image"
)

// program is the tag of an image's file that is a program: its name in the store.
type program string

// tree makes the file tree of an image, once for all its containers.
func tree(i *image.Image) (*vfs.Tree, error) {
	t, err := i.Once(func() (any, error) { return build(i) })
	if err != nil {
		return nil, err
	}
	return t.(*vfs.Tree), nil
}

func build(i *image.Image) (*vfs.Tree, error) {
	t := vfs.NewTree()
	built := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // all files, on all machines
	for _, f := range i.Files {
		a := vfs.Attr{Mode: f.Mode, UID: f.UID, GID: f.GID, Mtime: built}
		var err error
		switch {
		case f.Dir:
			err = t.Mkdir(f.Path, a)
		case f.Link != "":
			err = t.Symlink(f.Path, f.Link, a)
		case f.Program != "":
			a.Tag = program(f.Program)
			err = t.File(f.Path, a, hollow(f.Size))
		default:
			err = t.File(f.Path, a, vfs.Bytes(f.Data))
		}
		if err != nil {
			return nil, fmt.Errorf("image %s: %s: %w", i.Ref, f.Path, err)
		}
	}
	return t, nil
}

// hollow is the contents of a program's file: of its size, with the header of a
// module, and nothing else. What runs is in the store.
type hollow int64

// Size implements vfs.Content.
func (h hollow) Size() int64 { return int64(h) }

// ReadAt implements vfs.Content.
func (h hollow) ReadAt(p []byte, off int64) (int, error) {
	const header = "\x00asm\x01\x00\x00\x00"
	n := 0
	for ; n < len(p) && off+int64(n) < int64(h); n++ {
		p[n] = 0
		if at := off + int64(n); at < int64(len(header)) {
			p[n] = header[at]
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (r *Runtime) mountRoot(c *container) error {
	t, err := r.treeOf(c)
	if err != nil {
		return err
	}
	c.fs = vfs.New(vfs.Config{
		Tree: t, Quota: r.cfg.Quota, Now: r.cfg.Clock.Now,
		ReadOnly: c.cfg.GetLinux().GetSecurityContext().GetReadonlyRootfs(),
	})
	return nil
}

// mountAll mounts what the configuration says, and the sandbox's files where it
// does not.
func (r *Runtime) mountAll(c *container) error {
	taken := map[string]bool{}
	for _, m := range c.cfg.GetMounts() {
		taken[m.GetContainerPath()] = true
	}
	for _, name := range []string{"hostname", "hosts", "resolv.conf"} {
		if at := "/etc/" + name; !taken[at] {
			if err := r.mount(c, c.sandbox.dir+"/"+name, at, false); err != nil {
				return err
			}
		}
	}
	for _, m := range c.cfg.GetMounts() {
		if err := r.mountOne(c, m); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runtime) mountOne(c *container, m *v1.Mount) error {
	if m.GetImage().GetImage() != "" {
		return errors.New("image volumes are not supported by this runtime")
	}
	if _, err := r.cfg.Root.Stat(rel(m.GetHostPath())); errors.Is(err, fs.ErrNotExist) {
		if err := r.cfg.Root.MkdirAll(rel(m.GetHostPath()), 0o755); err != nil {
			return fmt.Errorf("failed to mkdir %q: %w", m.GetHostPath(), err)
		}
	}
	return r.mount(c, m.GetHostPath(), m.GetContainerPath(), m.GetReadonly())
}

func (r *Runtime) mount(c *container, from, at string, readOnly bool) error {
	src, err := vfs.HostQuota(r.cfg.Root, rel(from), r.quota(from, readOnly))
	if err == nil {
		err = c.fs.Mount(at, src, readOnly)
	}
	if err != nil {
		return fmt.Errorf("failed to mount %q at %q: %w", from, at, err)
	}
	return nil
}

// quota bounds what a container may add to a directory of the node, for behind
// that is the teacher's disk: as much as to its root file system, and usually more
// where the volume is not the pod's own.
func (r *Runtime) quota(from string, readOnly bool) vfs.Quota {
	q := r.cfg.Quota
	switch {
	case readOnly:
		return vfs.Quota{}
	case strings.HasPrefix(from, podsDir) || strings.HasPrefix(from, sandboxDir):
		return q
	}
	return r.cfg.VolumeQuota
}

// podsDir is where the kubelet keeps the volumes of pods.
const podsDir = "/var/lib/kubelet/pods/"
