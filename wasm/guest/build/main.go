// Command build makes the guest modules: `go run ./wasm/guest/build [name...]`.
//
// Upstream: none; it stands where a Dockerfile stands elsewhere.
//
// How it works. From GOROOT's own files and those of wasm/guest/goroot it
// writes an overlay for the Go toolchain (overlay.go), builds each program of
// programs() for GOOS=wasip1 with it, gzips the module into wasm/guest/bin,
// and keeps beside the overlay a hash of all that went into it, so that a
// second run does nothing.
//
// What we leave out. Other Go versions than the one goVersion names: the
// overlay replaces files of Go's internals.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// room is where the guests lie, seen from the module's root.
const room = "wasm/guest"

// A program is one guest.
type program struct {
	Name string // of the module in bin
	Dir  string // of its package, in room
	Make func() []byte
	Test bool // only for tests: stays out of bin, unpacked beside the overlay
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "guests:", err)
		os.Exit(1)
	}
}

func run(names []string) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	goroot, version, err := toolchain()
	if err != nil {
		return err
	}
	b := &builder{root: root, goroot: goroot, version: version}
	if err := b.readGoMod(); err != nil {
		return err
	}
	for _, p := range programs() {
		if len(names) > 0 && !slices.Contains(names, p.Name) {
			continue
		}
		if err := b.build(p); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return nil
}

// moduleRoot finds go.mod upwards from the working directory.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod above the working directory")
		}
		dir = up
	}
}
