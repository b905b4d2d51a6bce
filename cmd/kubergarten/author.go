package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"kubergarten/engine/cluster"
	"kubergarten/lessons"
)

// calm is how long a directory must not change before it is read: editors write
// a file in several steps. It is the host's time, not the cluster's: files are
// saved while the clock of a class stands still, too.
const calm = 100 * time.Millisecond

// An author writes lessons in a directory, and sees them on the page as they
// are written. It is a component.
type author struct {
	dir     string
	fsys    fs.FS
	out     io.Writer
	changes *fsnotify.Watcher // since the first load
	loaded  bool              // the page has lessons
	teacher *lessons.Teacher  // gets the lessons when they change
}

func newAuthor(dir string, out io.Writer) (*author, error) {
	fsys, err := openLessons(dir)
	if err != nil {
		return nil, err
	}
	return &author{dir: dir, fsys: fsys, out: out}, nil
}

// Name returns the component's name.
func (a *author) Name() string { return "author" }

// first begins to watch the directory, and loads the lessons. While there are
// faults in them, there are none.
func (a *author) first() (c *lessons.Catalog, err error) {
	if a.changes, err = fsnotify.NewWatcher(); err != nil {
		return nil, fmt.Errorf("watch %s: %w", a.dir, err)
	}
	if err := a.watch(); err != nil {
		return nil, fmt.Errorf("watch %s: %w", a.dir, errors.Join(err, a.changes.Close()))
	}
	if c, ok := a.load(); ok {
		return c, nil
	}
	return &lessons.Catalog{}, nil
}

// load loads the lessons, or says what is wrong in them.
func (a *author) load() (*lessons.Catalog, bool) {
	c, err := lessons.Load(a.fsys, cluster.CheckFlag)
	if err == nil {
		a.loaded = true
		fmt.Fprintf(a.out, "Lessons     %d in %s\n", len(c.Lessons()), a.dir)
		return c, true
	}
	for _, fault := range faultsOf(err) {
		fmt.Fprintln(a.out, a.place(fault))
	}
	if a.loaded {
		fmt.Fprintln(a.out, "The page keeps the lessons as they were before, until this is mended.")
	} else {
		fmt.Fprintln(a.out, "The page has no lessons until this is mended.")
	}
	return nil, false
}

// faultsOf is what a joined error is made of.
func faultsOf(err error) []error {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		return all.Unwrap()
	}
	return []error{err}
}

// place names a fault's file as the author does who stands where we were started.
func (a *author) place(err error) string {
	var f *lessons.Fault
	if !errors.As(err, &f) {
		return err.Error()
	}
	return filepath.Join(a.dir, filepath.FromSlash(f.File)) + strings.TrimPrefix(f.Error(), f.File)
}

// Run loads the lessons anew when a file changes, until ctx is done.
func (a *author) Run(ctx context.Context) error {
	defer a.changes.Close()
	settled := time.NewTimer(calm)
	settled.Stop()
	defer settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case ev := <-a.changes.Events:
			if ev.Op != fsnotify.Chmod {
				settled.Reset(calm)
			}
		case <-a.changes.Errors: // events were lost
			settled.Reset(calm)
		case <-settled.C:
			_ = a.watch() // what is not watched is loaded all the same
			if c, ok := a.load(); ok {
				a.teacher.Use(c)
			}
		}
	}
}

// watch watches the directory and all below it. What is watched already stays so.
func (a *author) watch() error {
	return filepath.WalkDir(a.dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // it is gone again
		case !e.IsDir():
			return nil
		case path != a.dir && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		}
		return a.changes.Add(path)
	})
}
