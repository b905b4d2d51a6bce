package fakecri

import (
	"context"
	"slices"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// PullImage implements cri.Images.
func (r *Runtime) PullImage(_ context.Context, image *v1.ImageSpec, _ *v1.AuthConfig, _ *v1.PodSandboxConfig) (string, error) {
	r.called("PullImage %s", image.GetImage())
	if r.cfg.PullError != nil {
		if err := r.cfg.PullError(image.GetImage()); err != nil {
			return "", err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.images[image.GetImage()] = true
	return image.GetImage(), nil
}

// ImageStatus implements cri.Images.
func (r *Runtime) ImageStatus(_ context.Context, image *v1.ImageSpec) (*v1.Image, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.images[image.GetImage()] {
		return nil, nil
	}
	return imageOf(image.GetImage()), nil
}

func imageOf(name string) *v1.Image {
	return &v1.Image{Id: name, RepoTags: []string{name}, Size: 1 << 20, Spec: &v1.ImageSpec{Image: name}}
}

// ListImages implements cri.Images.
func (r *Runtime) ListImages(context.Context, *v1.ImageFilter) ([]*v1.Image, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []*v1.Image
	for name := range r.images {
		out = append(out, imageOf(name))
	}
	slices.SortFunc(out, func(a, b *v1.Image) int { return len(a.Id) - len(b.Id) })
	return out, nil
}

// RemoveImage implements cri.Images.
func (r *Runtime) RemoveImage(_ context.Context, image *v1.ImageSpec) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.images, image.GetImage())
	return nil
}

// ImageFsInfo implements cri.Images.
func (r *Runtime) ImageFsInfo(context.Context) (*v1.ImageFsInfoResponse, error) {
	return &v1.ImageFsInfoResponse{}, nil
}
