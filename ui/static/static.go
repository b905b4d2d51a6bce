package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"path"
	"sync"
)

// files are the bundles of npm packages (dist) and our own modules and style
// sheets (src).
//
//go:embed src dist
var files embed.FS

// hash names the whole of files, so that a changed file has a new address and
// a module's relative imports find their neighbours of the same build.
var hash = sync.OnceValue(func() string {
	h := sha256.New()
	_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(name)
		_, _ = io.WriteString(h, name)
		_, _ = h.Write(b)
		return err
	})
	return hex.EncodeToString(h.Sum(nil))[:16]
})

// URL is the address of a static file: a name in dist or src.
func URL(name string) string { return "/static/" + hash() + "/" + name }

// Read returns a static file, a bundle before a source of the same name.
func Read(name string) ([]byte, error) {
	if b, err := files.ReadFile(path.Join("dist", name)); err == nil {
		return b, nil
	}
	return files.ReadFile(path.Join("src", name))
}
