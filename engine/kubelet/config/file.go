package config

// Upstream: pkg/kubelet/config/file.go, file_linux.go

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/kubelet/fswatch"
)

// File is the source of static pods.
type File struct {
	Root     *os.Root
	RootDir  string // the real path of Root; empty: no changes are told
	Path     string // of the manifests, on the virtual node
	NodeName string
	Every    time.Duration // how often to look in any case
	Files    *fswatch.Hub
	Clock    clock.Clock
	Log      *slog.Logger
	Default  func(*corev1.Pod)
	Validate func(*corev1.Pod) error

	known map[string]manifest // by file name
}

// manifest is a file as it was read last.
type manifest struct {
	data string
	pod  *corev1.Pod // nil: it was never a pod
}

// Run tells update the set of pods at the start and at each change, until ctx
// is done.
func (f *File) Run(ctx context.Context, update func([]*corev1.Pod)) error {
	f.known = map[string]manifest{}
	changed := make(chan struct{}, 1)
	var stop func()
	defer func() {
		if stop != nil {
			stop()
		}
	}()
	t := f.Clock.NewTicker(f.Every)
	defer t.Stop()
	for first := true; ; first = false {
		if stop == nil {
			stop = f.watch(changed)
		}
		if f.read(ctx) || first {
			update(f.pods())
		}
		select {
		case <-changed:
		case <-t.C():
		case <-ctx.Done():
			return nil
		}
	}
}

// watch makes changed tell of changes, if the host can; nil if not (yet).
func (f *File) watch(changed chan<- struct{}) (stop func()) {
	if f.Files == nil || f.RootDir == "" {
		return nil
	}
	stop, err := f.Files.Watch(filepath.Join(f.RootDir, filepath.FromSlash(f.Path)), func(string) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	if err != nil {
		f.Log.Warn("Unable to watch static pod path, looking at it now and then", "path", f.Path, "err", err)
		return nil
	}
	return stop
}

// read reads the directory and reports whether a pod changed.
func (f *File) read(ctx context.Context) (changed bool) {
	dir := strings.TrimPrefix(path.Clean(f.Path), "/")
	entries, err := fs.ReadDir(f.Root.FS(), dir)
	if err != nil {
		f.Log.ErrorContext(ctx, "Unable to read config path", "path", f.Path, "err", err)
		return false
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || e.IsDir() {
			continue
		}
		seen[e.Name()] = true
		changed = f.readOne(ctx, dir, e.Name()) || changed
	}
	for name := range f.known {
		if !seen[name] {
			delete(f.known, name)
			changed = true
		}
	}
	return changed
}

func (f *File) readOne(ctx context.Context, dir, name string) (changed bool) {
	data, err := f.Root.ReadFile(path.Join(dir, name))
	if err != nil {
		f.Log.ErrorContext(ctx, "Can't process manifest file", "path", path.Join(f.Path, name), "err", err)
		return false
	}
	was, ok := f.known[name]
	if ok && was.data == string(data) {
		return false
	}
	pod, err := f.decode(data, path.Join(f.Path, name))
	if err != nil {
		f.Log.ErrorContext(ctx, "Can't process manifest file", "path", path.Join(f.Path, name), "err", err)
		f.known[name] = manifest{string(data), was.pod}
		return false
	}
	f.known[name] = manifest{string(data), pod}
	return true
}

// pods returns the set; of several with one name the first file's counts.
func (f *File) pods() []*corev1.Pod {
	names := make([]string, 0, len(f.known))
	for name := range f.known {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []*corev1.Pod
	taken := map[string]bool{}
	for _, name := range names {
		pod := f.known[name].pod
		if pod == nil {
			continue
		}
		if key := pod.Namespace + "/" + pod.Name; taken[key] {
			f.Log.Warn(fmt.Sprintf("Pod from file ignored: duplicate pod name %q", pod.Name), "path", path.Join(f.Path, name))
			continue
		} else { // key is of this scope
			taken[key] = true
		}
		out = append(out, pod)
	}
	return out
}
