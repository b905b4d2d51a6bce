package image

import (
	"fmt"

	"github.com/distribution/reference"
)

// A Reference is an image's name, normalized: "nginx" is docker.io/library/nginx:latest.
type Reference struct {
	Name   string // with its registry, without tag and digest
	Tag    string
	Digest string
}

// Parse normalizes a name as people write it.
func Parse(s string) (Reference, error) {
	named, err := reference.ParseDockerRef(s)
	if err != nil {
		return Reference{}, fmt.Errorf("failed to parse image reference %q: %w", s, err)
	}
	r := Reference{Name: named.Name()}
	if t, ok := named.(reference.Tagged); ok {
		r.Tag = t.Tag()
	}
	if d, ok := named.(reference.Digested); ok {
		r.Digest = d.Digest().String()
	}
	return r, nil
}

// String returns the reference in full.
func (r Reference) String() string {
	s := r.Name
	if r.Tag != "" {
		s += ":" + r.Tag
	}
	if r.Digest != "" {
		s += "@" + r.Digest
	}
	return s
}
