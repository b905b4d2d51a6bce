package guest

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

//go:embed all:bin
var bin embed.FS

const suffix = ".wasm.gz"

// ErrNotBuilt says that a module is missing from the binary.
var ErrNotBuilt = errors.New("not built: run `make guests`")

// Names lists the modules that are built, in alphabetical order.
func Names() []string {
	entries, _ := bin.ReadDir("bin")
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), suffix); ok {
			names = append(names, name)
		}
	}
	return names
}

// Module returns the WebAssembly module of a guest program.
func Module(name string) ([]byte, error) {
	packed, err := bin.ReadFile("bin/" + name + suffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("guest %s: %w", name, ErrNotBuilt)
	}
	if err != nil {
		return nil, fmt.Errorf("guest %s: %w", name, err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack guest %s: %w", name, err)
	}
	module, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("unpack guest %s: %w", name, err)
	}
	return module, nil
}
