package native

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/distribution/reference"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// find returns the program of the first of the image names that has one, and
// the name of its repository.
func (r *Runtime) find(images ...string) (Program, string, error) {
	for _, image := range images {
		named, err := reference.ParseNormalizedNamed(image)
		if err != nil {
			continue
		}
		if p, ok := r.cfg.Programs[named.Name()]; ok {
			return p, named.Name(), nil
		}
	}
	return nil, "", fmt.Errorf("failed to resolve reference %q: %s: not found", images[0], images[0])
}

// PullImage implements cri.Images. Any tag of a known repository is there.
func (r *Runtime) PullImage(_ context.Context, image *v1.ImageSpec, _ *v1.AuthConfig, _ *v1.PodSandboxConfig) (string, error) {
	name := image.GetImage()
	if _, _, err := r.find(name); err != nil {
		return "", fmt.Errorf("failed to pull and unpack image %q: %w", name, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.images[name] = true
	return r.imageOf(name).Id, nil
}

// imageOf describes an image; its ID is a hash of its name, for its bytes are
// those of the server itself.
func (r *Runtime) imageOf(name string) *v1.Image {
	id := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(name)))
	return &v1.Image{Id: id, RepoTags: []string{name}, Size: r.cfg.Size, Spec: &v1.ImageSpec{Image: name}, Username: "nonroot"}
}

// ImageStatus implements cri.Images.
func (r *Runtime) ImageStatus(_ context.Context, image *v1.ImageSpec) (*v1.Image, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.images {
		if i := r.imageOf(name); name == image.GetImage() || i.Id == image.GetImage() {
			return i, nil
		}
	}
	return nil, nil
}

// ListImages implements cri.Images.
func (r *Runtime) ListImages(context.Context, *v1.ImageFilter) ([]*v1.Image, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []*v1.Image
	for name := range r.images {
		out = append(out, r.imageOf(name))
	}
	slices.SortFunc(out, func(a, b *v1.Image) int { return strings.Compare(a.RepoTags[0], b.RepoTags[0]) })
	return out, nil
}

// RemoveImage implements cri.Images.
func (r *Runtime) RemoveImage(_ context.Context, image *v1.ImageSpec) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.images, image.GetImage())
	return nil
}

// ImageFsInfo implements cri.Images: images take no room.
func (r *Runtime) ImageFsInfo(context.Context) (*v1.ImageFsInfoResponse, error) {
	return &v1.ImageFsInfoResponse{}, nil
}
