package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxLinks is after how many symlinks a path is taken for a loop, as in Linux.
const maxLinks = 40

// A workspace decides which paths lie inside of a directory.
type workspace struct {
	Root  string // absolute, without symlinks
	Cwd   string // what relative paths start from
	Mount string // a name of Root that paths may begin with; "" none
}

// errOutside is the one sentence of a path that may not be reached.
type errOutside struct{ path string }

func (e errOutside) Error() string {
	return fmt.Sprintf("%q is outside of your workspace: kubectl in the terminal only reaches files of the workspace", e.path)
}

// absolute is the path on the host that is meant by p.
func (w workspace) absolute(p string) string {
	if rest, ok := strings.CutPrefix(p, w.Mount); ok && w.Mount != "" && (rest == "" || rest[0] == '/') {
		return w.Root + "/" + strings.TrimLeft(rest, "/")
	}
	if filepath.IsAbs(p) {
		return p
	}
	return w.Cwd + "/" + p
}

// inside returns p as an absolute path without symlinks if it lies in the
// workspace. What is missing at its end is no error. A path is looked at twice:
// as the kernel walks it ("link/.." is the parent of the link's target) and as
// kubectl often cleans it first.
func (w workspace) inside(p string) (string, error) {
	abs := w.absolute(p)
	if _, err := w.walk(p, filepath.Clean(abs)); err != nil {
		return "", err
	}
	return w.walk(p, abs)
}

// walk follows abs step by step. It refuses at the first step that leaves the
// workspace for anything but one of its parents, before that is looked at.
func (w workspace) walk(p, abs string) (string, error) {
	at, todo, links := "/", strings.Split(abs, "/"), 0
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			at = filepath.Dir(at)
			continue
		}
		at = filepath.Join(at, name)
		if !w.holds(at) && !w.below(at) {
			return "", errOutside{p}
		}
		target, err := os.Readlink(at)
		if err != nil {
			continue // no link, or not there
		}
		if links++; links > maxLinks {
			return "", fmt.Errorf("%s: too many levels of symbolic links", p)
		}
		if filepath.IsAbs(target) {
			at = "/"
		} else {
			at = filepath.Dir(at)
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	if !w.holds(at) {
		return "", errOutside{p}
	}
	return at, nil
}

// holds says whether the clean path at is the workspace or lies in it.
func (w workspace) holds(at string) bool {
	return at == w.Root || strings.HasPrefix(at, strings.TrimSuffix(w.Root, "/")+"/")
}

// below says whether the workspace lies below the clean path at.
func (w workspace) below(at string) bool {
	return strings.HasPrefix(w.Root, strings.TrimSuffix(at, "/")+"/")
}

// tree is inside for p and, if it is a directory, for all symlinks below it.
func (w workspace) tree(p string) error {
	at, err := w.inside(p)
	if err != nil {
		return err
	}
	return filepath.WalkDir(at, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return ignoreUnreadable(err)
		}
		if e.Type()&fs.ModeSymlink == 0 {
			return nil
		}
		_, err = w.inside(path)
		return err
	})
}

// ignoreUnreadable lets kubectl itself complain about what is missing or may
// not be read.
func ignoreUnreadable(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}

// pattern is tree for all that a shell pattern may match. kubectl expands
// patterns itself.
func (w workspace) pattern(p string) error {
	if err := w.tree(p); err != nil {
		return err
	}
	meta := strings.IndexAny(p, `*?[\`)
	if meta < 0 {
		return nil
	}
	base, _ := filepath.Split(p[:meta])
	if base == "" {
		base = "."
	}
	return w.tree(base)
}
