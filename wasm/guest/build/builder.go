package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A builder builds guests with one toolchain.
type builder struct {
	root, goroot, version string
	gomod                 []string // its lines
	overlay               string   // once written
}

// build makes one guest, unless nothing it is made of has changed.
func (b *builder) build(p program) error {
	cache := filepath.Join(b.root, room, "goroot", ".patched")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	stamp := filepath.Join(cache, p.Name+".stamp")
	target := filepath.Join(b.root, room, "bin", p.Name+".wasm.gz")
	if p.Test {
		target = filepath.Join(cache, p.Name+".module")
	}
	hash, err := b.hash(p)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(stamp); err == nil && string(old) == hash && exists(target) {
		return nil
	}
	start := time.Now()
	module, err := b.module(p, cache)
	if err != nil {
		return err
	}
	packed := module
	if !p.Test {
		if packed, err = pack(module); err != nil {
			return err
		}
	}
	if err := replaceFile(target, packed); err != nil {
		return err
	}
	fmt.Printf("%-10s %8d bytes, %8d packed, %s\n", p.Name, len(module), len(packed), time.Since(start).Round(time.Millisecond))
	return os.WriteFile(stamp, []byte(hash), 0o644)
}

// module returns the program's WebAssembly.
func (b *builder) module(p program, cache string) ([]byte, error) {
	if p.Make != nil {
		return p.Make(), nil
	}
	if b.overlay == "" {
		overlay, err := b.writeOverlay(cache)
		if err != nil {
			return nil, err
		}
		b.overlay = overlay
	}
	out := filepath.Join(cache, p.Name+".wasm")
	defer os.Remove(out)
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=",
		"-overlay", b.overlay, "-o", out, "./"+room+"/"+p.Dir)
	cmd.Dir = b.root
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0", "GOWASM=", "GOEXPERIMENT=")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go build: %w", err)
	}
	return os.ReadFile(out)
}

// pack compresses without name or time, so that equal modules pack equally.
func pack(module []byte) ([]byte, error) {
	var buf bytes.Buffer
	z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(module); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// writeIfChanged keeps the file's time when its content stays.
func writeIfChanged(name string, content []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, content) {
		return nil
	}
	return replaceFile(name, content)
}

// replaceFile writes beside name and renames, so that a reader never sees half
// a file.
func replaceFile(name string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), ".tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(content); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Chmod(0o644); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
