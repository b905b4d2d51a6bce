package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kustomize/v5/commands/build"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// checkKustomization builds the kustomization once with files of the workspace
// alone, and so finds whatever it, its bases and its generators name. kubectl
// then builds it again. If output is a directory, it gets a file for each object,
// under a name that is made of the object's.
func (w workspace) checkKustomization(dir, output string) error {
	at, err := w.inside(dir)
	if err != nil {
		return err
	}
	if st, err := os.Stat(at); err != nil || !st.IsDir() {
		return fmt.Errorf("%q is not a directory of your workspace: kubectl in the terminal does not load a kustomization from elsewhere", dir)
	}
	files := &workspaceFiles{FileSystem: filesys.MakeFsOnDisk(), workspace: workspace{Root: w.Root, Cwd: w.Cwd}}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, at)
	if output = w.translated(output); err == nil && output != "" && files.IsDir(output) {
		err = build.MakeWriter(files).WriteIndividualFiles(output, built)
	}
	if files.refused != nil {
		return files.refused
	}
	return err
}

// workspaceFiles is the disk as far as it is the workspace. It remembers the
// first path that was refused, since kustomize tries several meanings of a path
// and tells of the last.
type workspaceFiles struct {
	filesys.FileSystem
	workspace
	refused error
}

// allow refuses paths that lie outside.
func (f *workspaceFiles) allow(op, path string) error {
	_, err := f.inside(path)
	if err == nil {
		return nil
	}
	if f.refused == nil {
		f.refused = err
	}
	return &fs.PathError{Op: op, Path: path, Err: fs.ErrPermission}
}

// Create implements filesys.FileSystem. Nothing is written.
func (f *workspaceFiles) Create(path string) (filesys.File, error) {
	return nil, &fs.PathError{Op: "create", Path: path, Err: fs.ErrPermission}
}

// Mkdir implements filesys.FileSystem. Nothing is written.
func (f *workspaceFiles) Mkdir(path string) error {
	return &fs.PathError{Op: "mkdir", Path: path, Err: fs.ErrPermission}
}

// MkdirAll implements filesys.FileSystem. Nothing is written.
func (f *workspaceFiles) MkdirAll(path string) error { return f.Mkdir(path) }

// RemoveAll implements filesys.FileSystem. Nothing is removed.
func (f *workspaceFiles) RemoveAll(path string) error {
	return &fs.PathError{Op: "remove", Path: path, Err: fs.ErrPermission}
}

// WriteFile implements filesys.FileSystem. Nothing is written.
func (f *workspaceFiles) WriteFile(path string, _ []byte) error { return f.allow("write", path) }

// Open implements filesys.FileSystem.
func (f *workspaceFiles) Open(path string) (filesys.File, error) {
	if err := f.allow("open", path); err != nil {
		return nil, err
	}
	return f.FileSystem.Open(path)
}

// IsDir implements filesys.FileSystem.
func (f *workspaceFiles) IsDir(path string) bool {
	return f.allow("stat", path) == nil && f.FileSystem.IsDir(path)
}

// ReadDir implements filesys.FileSystem.
func (f *workspaceFiles) ReadDir(path string) ([]string, error) {
	if err := f.allow("open", path); err != nil {
		return nil, err
	}
	return f.FileSystem.ReadDir(path)
}

// CleanedAbs implements filesys.FileSystem.
func (f *workspaceFiles) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	if err := f.allow("stat", path); err != nil {
		return "", "", err
	}
	return f.FileSystem.CleanedAbs(path)
}

// Exists implements filesys.FileSystem.
func (f *workspaceFiles) Exists(path string) bool {
	return f.allow("stat", path) == nil && f.FileSystem.Exists(path)
}

// Glob implements filesys.FileSystem.
func (f *workspaceFiles) Glob(pattern string) ([]string, error) {
	if err := f.pattern(pattern); err != nil {
		return nil, f.allow("glob", pattern)
	}
	return f.FileSystem.Glob(pattern)
}

// ReadFile implements filesys.FileSystem.
func (f *workspaceFiles) ReadFile(path string) ([]byte, error) {
	if err := f.allow("open", path); err != nil {
		return nil, err
	}
	return f.FileSystem.ReadFile(path)
}

// Walk implements filesys.FileSystem.
func (f *workspaceFiles) Walk(path string, walk filepath.WalkFunc) error {
	if err := f.tree(path); err != nil {
		return err
	}
	return f.FileSystem.Walk(path, walk)
}
