package image

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"kubergarten/wasm/fuel"
)

// kept is the directory of modules that have fuel in them and their initial
// data out of them. Each file is named after what it was made from.
type kept struct{ dir string } // "": nowhere

// prefix is how the names of its files begin.
const prefix = "fuel-" + fuel.Version + "-"

// fueled returns the module with fuel, and its initial data; from the directory
// if it can. That it could not be written there is no failure.
func (k kept) fueled(wasm []byte, l fuel.Limits) (fueled []byte, segments []fuel.Segment, err error) {
	name := ""
	if k.dir != "" {
		sum := sha256.Sum256(wasm)
		name = filepath.Join(k.dir, prefix+hex.EncodeToString(sum[:]))
		if b, err := os.ReadFile(name); err == nil {
			if fueled, segments, err = decode(b); err == nil {
				return fueled, segments, nil
			}
		}
	}
	lifted, segments, err := fuel.Lift(wasm, l)
	if err != nil {
		return nil, nil, err
	}
	if fueled, err = fuel.Rewrite(lifted, l); err != nil {
		return nil, nil, err
	}
	if name != "" {
		_ = write(name, encode(fueled, segments))
	}
	return fueled, segments, nil
}

// sweep throws away what another version of the rewriter has left, and what was
// not written to its end.
func (k kept) sweep() {
	ours := map[string]string{"fuel-*": prefix, "warm-*": "warm-" + thisBinary()}
	for pattern, keep := range ours {
		names, _ := filepath.Glob(filepath.Join(k.dir, pattern))
		for _, n := range names {
			if !strings.HasPrefix(filepath.Base(n), keep) || strings.HasSuffix(n, ".tmp") {
				_ = os.Remove(n)
			}
		}
	}
}

// write writes a file so that it is there wholly, or not at all.
func write(name string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.tmp")
	if err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("keep %s: %w", name, err)
	}
	return nil
}

// encode writes a hash of all the rest, then the module, then the segments.
func encode(module []byte, segments []fuel.Segment) []byte {
	size := sha256.Size + 4 + len(module)
	for _, s := range segments {
		size += 8 + len(s.Bytes)
	}
	b := make([]byte, sha256.Size, size)
	b = append(binary.LittleEndian.AppendUint32(b, uint32(len(module))), module...)
	for _, s := range segments {
		b = binary.LittleEndian.AppendUint32(b, s.Offset)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(s.Bytes)))
		b = append(b, s.Bytes...)
	}
	sum := sha256.Sum256(b[sha256.Size:])
	copy(b, sum[:])
	return b
}

var errSpoilt = errors.New("not what was written")

func decode(b []byte) (module []byte, segments []fuel.Segment, err error) {
	if len(b) < sha256.Size+4 || sha256.Sum256(b[sha256.Size:]) != [sha256.Size]byte(b[:sha256.Size]) {
		return nil, nil, errSpoilt
	}
	n := uint64(binary.LittleEndian.Uint32(b[sha256.Size:]))
	b = b[sha256.Size+4:]
	if uint64(len(b)) < n {
		return nil, nil, errSpoilt
	}
	module, b = b[:n:n], b[n:]
	for len(b) > 0 {
		if len(b) < 8 || uint64(len(b)-8) < uint64(binary.LittleEndian.Uint32(b[4:])) {
			return nil, nil, errSpoilt
		}
		n := binary.LittleEndian.Uint32(b[4:])
		segments = append(segments, fuel.Segment{Offset: binary.LittleEndian.Uint32(b), Bytes: b[8 : 8+n : 8+n]})
		b = b[8+n:]
	}
	return module, segments, nil
}

// clean throws the compiler's own cache away if err says that it is spoilt.
func (k kept) clean(err error) bool {
	if k.dir == "" || !strings.Contains(err.Error(), "compilationcache:") {
		return false
	}
	names, _ := filepath.Glob(filepath.Join(k.dir, "wazero-*", "*"))
	for _, n := range names {
		_ = os.Remove(n)
	}
	marks, _ := filepath.Glob(filepath.Join(k.dir, "warm-*"))
	for _, n := range marks {
		_ = os.Remove(n)
	}
	return len(names) > 0
}
