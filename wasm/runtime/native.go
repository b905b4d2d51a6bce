package runtime

import (
	"context"
	"fmt"
	"time"

	"kubergarten/wasm/host"
	"kubergarten/wasm/host/vfs"
)

// nativeSize is how large the file of a native program seems.
const nativeSize = hollow(4096)

// treeOf is the tree below the container's root file system: its image's, which
// all share, or one of its own if it has native programs.
func (r *Runtime) treeOf(c *container) (*vfs.Tree, error) {
	if r.cfg.Native == nil {
		return tree(c.image)
	}
	programs := r.cfg.Native(c.cfg)
	if len(programs) == 0 {
		return tree(c.image)
	}
	t, err := build(c.image)
	if err != nil {
		return nil, err
	}
	for at, p := range programs {
		a := vfs.Attr{Mode: 0o755, Mtime: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Tag: p}
		if err := t.File(at, a, nativeSize); err != nil {
			return nil, fmt.Errorf("native program %s: %w", at, err)
		}
	}
	return t, nil
}

// native is a program that may change files of the node behind the container's
// back.
func (c *container) native(p host.Program) *host.Program {
	run := p.Native
	p.Native = func(ctx context.Context, cmd host.Command) int {
		defer c.fs.Recount()
		return run(ctx, cmd)
	}
	return &p
}
