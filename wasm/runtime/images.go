package runtime

import (
	"context"
	"errors"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/trace"
	"kubergarten/wasm/image"
)

// PullImage implements cri.Images: it finds the image in the store, and has its
// program compiled.
func (r *Runtime) PullImage(ctx context.Context, spec *v1.ImageSpec, _ *v1.AuthConfig, pod *v1.PodSandboxConfig) (string, error) {
	i, err := r.pull(ctx, spec.GetImage())
	if err != nil {
		return "", err
	}
	r.emit(trace.Pulled, pod.GetMetadata(), "image %s is on the node", spec.GetImage())
	return i.RepoDigest(), nil
}

func (r *Runtime) pull(ctx context.Context, name string) (*image.Image, error) {
	i, err := r.cfg.Images.Resolve(name)
	switch {
	case errors.Is(err, image.ErrNotFound):
		return nil, status.Error(codes.NotFound, err.Error())
	case err != nil:
		return nil, status.Error(codes.Unknown, err.Error())
	}
	if main := i.Main(); main != "" {
		if _, err := r.cfg.Images.Program(ctx, main); err != nil {
			return nil, status.Errorf(codes.Unknown, "failed to pull and unpack image %q: %v", i.Ref, err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.present[i.Ref.String()] = i
	return i, nil
}

// find returns an image that is on the node by a name, a digest or an ID.
func (r *Runtime) find(name string) (*image.Image, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i, ok := r.present[name]; ok {
		return i, true
	}
	for _, i := range r.present {
		if i.ID == name || i.ID == "sha256:"+name || i.RepoDigest() == name {
			return i, true
		}
	}
	ref, err := image.Parse(name)
	if err != nil {
		return nil, false
	}
	i, ok := r.present[ref.String()]
	return i, ok
}

// ImageStatus implements cri.Images.
func (r *Runtime) ImageStatus(_ context.Context, spec *v1.ImageSpec) (*v1.Image, error) {
	i, ok := r.find(spec.GetImage())
	if !ok {
		return nil, nil
	}
	return describe([]*image.Image{i}), nil
}

// ListImages implements cri.Images.
func (r *Runtime) ListImages(_ context.Context, f *v1.ImageFilter) ([]*v1.Image, error) {
	if name := f.GetImage().GetImage(); name != "" {
		i, ok := r.find(name)
		if !ok {
			return nil, nil
		}
		return []*v1.Image{describe([]*image.Image{i})}, nil
	}
	r.mu.Lock()
	byID := map[string][]*image.Image{}
	for _, i := range r.present {
		byID[i.ID+i.Digest] = append(byID[i.ID+i.Digest], i)
	}
	r.mu.Unlock()
	var out []*v1.Image
	for _, same := range byID {
		out = append(out, describe(same))
	}
	slices.SortFunc(out, func(a, b *v1.Image) int { return strings.Compare(a.RepoTags[0], b.RepoTags[0]) })
	return out, nil
}

// describe tells of an image that goes by several names.
func describe(same []*image.Image) *v1.Image {
	i := same[0]
	out := &v1.Image{Id: i.ID, RepoDigests: []string{i.RepoDigest()}, Size: uint64(i.Size), Spec: &v1.ImageSpec{Image: i.ID}}
	for _, s := range same {
		out.RepoTags = append(out.RepoTags, s.Ref.String())
	}
	slices.Sort(out.RepoTags)
	switch uid, err := parseID(i.Config.User); {
	case err == nil:
		out.Uid = &v1.Int64Value{Value: int64(uid)}
	case i.Config.User == "":
		out.Uid = &v1.Int64Value{}
	default:
		out.Username, _, _ = strings.Cut(i.Config.User, ":")
	}
	return out
}

// RemoveImage implements cri.Images.
func (r *Runtime) RemoveImage(_ context.Context, spec *v1.ImageSpec) error {
	i, ok := r.find(spec.GetImage())
	if !ok {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, p := range r.present {
		if p.ID == i.ID && p.Digest == i.Digest {
			delete(r.present, name)
		}
	}
	return nil
}

// ImageFsInfo implements cri.Images: what the images on the node take.
func (r *Runtime) ImageFsInfo(context.Context) (*v1.ImageFsInfoResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[string]bool{}
	used := &v1.FilesystemUsage{
		Timestamp: r.cfg.Clock.Now().UnixNano(), FsId: &v1.FilesystemIdentifier{Mountpoint: imageFs},
		UsedBytes: &v1.UInt64Value{}, InodesUsed: &v1.UInt64Value{},
	}
	for _, i := range r.present {
		if !seen[i.Digest] {
			seen[i.Digest] = true
			used.UsedBytes.Value += uint64(i.Size)
			used.InodesUsed.Value += uint64(len(i.Files))
		}
	}
	return &v1.ImageFsInfoResponse{ImageFilesystems: []*v1.FilesystemUsage{used}, ContainerFilesystems: []*v1.FilesystemUsage{used}}, nil
}

// imageFs is where containerd would keep images and writable layers.
const imageFs = "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs"
