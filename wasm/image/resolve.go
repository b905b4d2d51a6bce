package image

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"kubergarten/wasm/fuel"
)

// ErrNotFound reports an image that the catalog does not have.
var ErrNotFound = errors.New("not found")

// Resolve finds an image by a name as people write it.
func (s *Store) Resolve(name string) (*Image, error) {
	ref, err := Parse(name)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.images[ref.String()]; ok {
		return i, nil
	}
	i, err := s.make(ref)
	if err != nil {
		return nil, err
	}
	s.images[ref.String()] = i
	return i, nil
}

// make makes an image of the catalog. mu is held.
func (s *Store) make(ref Reference) (*Image, error) {
	if ref.Digest != "" {
		return s.known(ref)
	}
	e, ok := find(s.entries, ref)
	if !ok {
		return nil, notFound(ref)
	}
	i := &Image{Ref: ref, Config: e.config(ref.Tag), Files: e.files(), main: e.main}
	return i, i.seal(s.sum)
}

// known finds an image that has been resolved before by its digest. mu is held.
func (s *Store) known(ref Reference) (*Image, error) {
	_, base := cutBase(ref.Name)
	for _, i := range s.images {
		if _, b := cutBase(i.Ref.Name); b == base && i.Digest == ref.Digest {
			return i, nil
		}
	}
	return nil, notFound(ref)
}

// notFound is what containerd says, and that there is but a catalog.
func notFound(ref Reference) error {
	return fmt.Errorf("failed to pull and unpack image %q: failed to resolve reference %q: %s: %w (the offline catalog has no such image)", ref, ref, ref, ErrNotFound)
}

// Import adds an image that is one bare module, under a name, with a
// configuration whose entrypoint may be empty. It is scanned at once.
func (s *Store) Import(name string, wasm []byte, cfg v1.Config) (*Image, error) {
	ref, err := Parse(name)
	if err != nil {
		return nil, err
	}
	if err := fuel.Scan(wasm, s.cfg.Limits); err != nil {
		return nil, fmt.Errorf("import %s: %w", ref, err)
	}
	_, base := cutBase(ref.Name)
	exe := "/" + strings.TrimSuffix(base, ".wasm")
	if len(cfg.Entrypoint) == 0 {
		cfg.Entrypoint = []string{exe}
	}
	id := digest(wasm)
	i := &Image{Ref: ref, Config: cfg, Files: merge(dirs("/dev", "/etc", "/proc", "/tmp"), []File{program(exe, id)}), main: id}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.imported[id] = slices.Clone(wasm)
	if err := i.seal(s.sum); err != nil {
		return nil, err
	}
	s.images[ref.String()] = i
	return i, nil
}

// sum hashes a program's module. mu is held.
func (s *Store) sum(program string) (string, int64, error) {
	if known, ok := s.sums[program]; ok {
		return known.digest, known.size, nil
	}
	wasm, err := s.module(program)
	if err != nil {
		return "", 0, err
	}
	s.sums[program] = sum{digest(wasm), int64(len(wasm))}
	return s.sums[program].digest, int64(len(wasm)), nil
}

// module returns a program's module as it came. mu is held.
func (s *Store) module(program string) ([]byte, error) {
	if wasm, ok := s.imported[program]; ok {
		return wasm, nil
	}
	return s.cfg.Modules(program)
}
