package image

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Registry is the name under which the catalog's digests are known.
const Registry = "catalog.kubergarten"

// A File is one entry of an image's file system: a directory if Dir, a symbolic
// link if Link, a program if Program, else a file with its contents.
type File struct {
	Path    string `json:"path"` // absolute
	Mode    uint32 `json:"mode"` // permission bits
	UID     uint32 `json:"uid,omitempty"`
	GID     uint32 `json:"gid,omitempty"`
	Dir     bool   `json:"dir,omitempty"`
	Link    string `json:"link,omitempty"`
	Program string `json:"program,omitempty"` // a name that Store.Program knows
	Data    []byte `json:"data,omitempty"`
	Size    int64  `json:"size,omitempty"` // of a program
}

// An Image is what a container starts from. It is shared and not to be changed.
type Image struct {
	Ref    Reference
	Config v1.Config
	Files  []File
	ID     string // the hash of the configuration
	Digest string // the hash of configuration and files
	Size   int64  // of all files

	main string

	once    sync.Once
	made    any
	madeErr error
}

// RepoDigest is the name by which exactly this content is known.
func (i *Image) RepoDigest() string {
	_, base := cutBase(i.Ref.Name)
	return Registry + "/" + base + "@" + i.Digest
}

// Main is the program that a container of the image runs if it is not told
// otherwise.
func (i *Image) Main() string { return i.main }

// seal computes the hashes and the size. hash gives a program's.
func (i *Image) seal(hash func(program string) (sum string, size int64, err error)) error {
	config, err := json.Marshal(v1.ConfigFile{Architecture: "wasm", OS: "wasip1", Config: i.Config})
	if err != nil {
		return fmt.Errorf("seal %s: %w", i.Ref, err)
	}
	i.ID = digest(config)
	sum := sha256.New()
	sum.Write([]byte(i.ID))
	for n := range i.Files {
		f := &i.Files[n]
		if f.Program != "" {
			var content string
			if content, f.Size, err = hash(f.Program); err != nil {
				return err
			}
			sum.Write([]byte(content))
		}
		i.Size += f.Size + int64(len(f.Data))
		if err := json.NewEncoder(sum).Encode(f); err != nil {
			return fmt.Errorf("seal %s: %w", i.Ref, err)
		}
	}
	i.Digest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Once returns what f made of the image when it was first called, so that
// runtimes can share what they make of it.
func (i *Image) Once(f func() (any, error)) (any, error) {
	i.once.Do(func() { i.made, i.madeErr = f() })
	return i.made, i.madeErr
}
