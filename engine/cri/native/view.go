package native

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// view is the container's file system: its mounts, and the few files that a
// runtime makes. Everything is read-only, and within the node's files.
type view struct {
	root   *os.Root
	mounts []*v1.Mount // longest container path first
	made   map[string][]byte
}

var _ fs.FS = (*view)(nil)

func newView(root *os.Root, cfg *v1.ContainerConfig, scfg *v1.PodSandboxConfig, hostname string) *view {
	v := &view{root: root, mounts: slices.Clone(cfg.GetMounts())}
	slices.SortFunc(v.mounts, func(a, b *v1.Mount) int { return len(b.ContainerPath) - len(a.ContainerPath) })
	v.made = map[string][]byte{
		"etc/resolv.conf": resolvConf(scfg.GetDnsConfig()),
		"etc/hostname":    []byte(hostname + "\n"),
	}
	return v
}

func resolvConf(dns *v1.DNSConfig) []byte {
	var b bytes.Buffer
	if len(dns.GetSearches()) > 0 {
		b.WriteString("search " + strings.Join(dns.Searches, " ") + "\n")
	}
	for _, s := range dns.GetServers() {
		b.WriteString("nameserver " + s + "\n")
	}
	if len(dns.GetOptions()) > 0 {
		b.WriteString("options " + strings.Join(dns.Options, " ") + "\n")
	}
	return b.Bytes()
}

// Open implements fs.FS.
func (v *view) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	for _, m := range v.mounts {
		at := strings.TrimPrefix(path.Clean(m.ContainerPath), "/")
		rest, ok := strings.CutPrefix(name, at)
		if !ok || rest != "" && rest[0] != '/' && at != "" {
			continue
		}
		f, err := v.root.Open(strings.TrimPrefix(path.Join(m.HostPath, rest), "/"))
		if err != nil {
			return nil, err
		}
		return f, nil
	}
	if data, ok := v.made[name]; ok {
		return &madeFile{Reader: bytes.NewReader(data), name: path.Base(name), size: int64(len(data))}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// madeFile is a file that is on no disk.
type madeFile struct {
	*bytes.Reader
	name string
	size int64
}

func (f *madeFile) Stat() (fs.FileInfo, error) { return madeInfo{f}, nil }
func (f *madeFile) Close() error               { return nil }

type madeInfo struct{ f *madeFile }

func (i madeInfo) Name() string     { return i.f.name }
func (i madeInfo) Size() int64      { return i.f.size }
func (madeInfo) Mode() fs.FileMode  { return 0o644 }
func (madeInfo) ModTime() time.Time { return time.Time{} }
func (madeInfo) IsDir() bool        { return false }
func (madeInfo) Sys() any           { return nil }
