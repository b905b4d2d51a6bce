package logs

// Upstream: pkg/kubelet/logs/container_log_manager.go

import (
	"context"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// Rotate renames the log at p, below root, if it has maxSize bytes or more, has
// the runtime open it anew, and removes the oldest so that maxFiles are left.
func Rotate(ctx context.Context, root *os.Root, p string, maxSize int64, maxFiles int, now time.Time, reopen func(context.Context) error) error {
	info, err := root.Stat(p)
	if err != nil || info.Size() < maxSize {
		return nil // it may not have been written yet
	}
	rotated := p + "." + now.Format("20060102-150405")
	if err := root.Rename(p, rotated); err != nil {
		return fmt.Errorf("failed to rotate log %q to %q: %w", p, rotated, err)
	}
	if err := reopen(ctx); err != nil {
		if err := root.Rename(rotated, p); err != nil {
			return fmt.Errorf("failed to rename rotated log %q back to %q: %w", rotated, p, err)
		}
		return fmt.Errorf("failed to reopen container log %q: %w", p, err)
	}
	return prune(root, p, maxFiles-1)
}

// prune keeps the newest n rotated files of the log at p.
func prune(root *os.Root, p string, n int) error {
	dir, err := root.Open(path.Dir(p))
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	old := slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, path.Base(p)+".") })
	slices.Sort(old)
	for i := 0; i < len(old)-n; i++ {
		if err := root.Remove(path.Join(path.Dir(p), old[i])); err != nil {
			return fmt.Errorf("remove log: %w", err)
		}
	}
	return nil
}
