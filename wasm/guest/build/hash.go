package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/token"
	"hash"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const module = "kubergarten/"

func (b *builder) readGoMod() error {
	text, err := os.ReadFile(filepath.Join(b.root, "go.mod"))
	b.gomod = strings.Split(string(text), "\n")
	return err
}

// hash covers all a guest is made of: the toolchain, the overlay, the build
// itself, its own package and those of ours it imports, and the versions of
// the modules it imports.
func (b *builder) hash(p program) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, b.version, b.goroot)
	for _, dir := range []string{"goroot", "build"} {
		if err := hashTree(h, filepath.Join(b.root, room, dir)); err != nil {
			return "", err
		}
	}
	outside := map[string]bool{}
	if err := b.hashPackage(h, room+"/"+p.Dir, map[string]bool{}, outside); err != nil {
		return "", err
	}
	for _, imp := range slices.Sorted(maps.Keys(outside)) {
		for _, line := range b.gomod {
			if f := strings.Fields(line); len(f) >= 2 && strings.HasPrefix(imp+"/", f[0]+"/") {
				fmt.Fprintln(h, f[0], f[1])
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// hashPackage hashes a package of ours and, in turn, those it imports.
func (b *builder) hashPackage(h hash.Hash, dir string, done, outside map[string]bool) error {
	if done[dir] {
		return nil
	}
	done[dir] = true
	abs := filepath.Join(b.root, dir)
	if err := hashTree(h, abs); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(abs, "*.go"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			if ours, ok := strings.CutPrefix(imp, module); ok {
				if err := b.hashPackage(h, ours, done, outside); err != nil {
					return err
				}
			} else if strings.Contains(strings.Split(imp, "/")[0], ".") {
				outside[imp] = true
			}
		}
	}
	return nil
}

// hashTree hashes names and contents of the files below dir, but for tests and
// what lies in hidden directories.
func hashTree(h hash.Hash, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case d.IsDir(), strings.HasSuffix(path, "_test.go"):
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		fmt.Fprintf(h, "%s %x\n", filepath.ToSlash(rel), sum)
		return nil
	})
}
