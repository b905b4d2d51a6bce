package images

// Upstream: pkg/kubelet/images/image_manager.go

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/distribution/reference"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/flowcontrol"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/cri"
	"kubergarten/engine/kubelet/events"
)

// Why an image is not there; the texts are reasons of container statuses.
var (
	ErrImagePullBackOff = errors.New("ImagePullBackOff")
	ErrImageInspect     = errors.New("ImageInspectError")
	ErrImagePull        = errors.New("ErrImagePull")
	ErrImageNeverPull   = errors.New("ErrImageNeverPull")
	ErrInvalidImageName = errors.New("InvalidImageName")
)

// Manager gets images for pods.
type Manager struct {
	recorder record.EventRecorder
	clock    clock.Clock
	backOff  *flowcontrol.Backoff

	mu   sync.Mutex
	last map[string]string // by back-off key: why the last pull failed
}

// New returns a manager that has pulled nothing yet.
func New(recorder record.EventRecorder, clk clock.Clock) *Manager {
	b := flowcontrol.NewBackOff(10*time.Second, 5*time.Minute)
	b.Clock = clk
	return &Manager{recorder: recorder, clock: clk, backOff: b, last: map[string]string{}}
}

// A Request says which image is wanted, for whom.
type Request struct {
	Pod     *corev1.Pod
	Ref     *corev1.ObjectReference // the container, in events
	Image   string                  // as the pod names it
	Policy  corev1.PullPolicy
	Secrets []corev1.Secret
	Sandbox *v1.PodSandboxConfig
	Handler string
	Images  cri.Images
}

// EnsureImageExists returns the reference of the image once it is on the node,
// or a message and one of the errors above.
func (m *Manager) EnsureImageExists(ctx context.Context, r Request) (ref, message string, err error) {
	name, err := WithTag(r.Image)
	if err != nil {
		msg := fmt.Sprintf("Failed to apply default image tag %q: %v", r.Image, err)
		return m.fail(r, events.FailedToInspectImage, msg, ErrInvalidImageName)
	}
	spec := &v1.ImageSpec{Image: name, Annotations: r.Pod.Annotations, RuntimeHandler: r.Handler}
	if r.Policy != corev1.PullAlways {
		image, err := r.Images.ImageStatus(ctx, spec)
		switch {
		case err != nil:
			return m.fail(r, events.FailedToInspectImage, fmt.Sprintf("Failed to inspect image %q: %v", r.Image, err), ErrImageInspect)
		case image != nil:
			msg := fmt.Sprintf("Container image %q already present on machine and can be accessed by the pod", r.Image)
			m.recorder.Event(r.Ref, corev1.EventTypeNormal, events.PulledImage, msg)
			return image.Id, msg, nil
		case r.Policy == corev1.PullNever:
			msg := fmt.Sprintf("Container image %q is not present with pull policy of Never", r.Image)
			return m.fail(r, events.ErrImageNeverPullPolicy, msg, ErrImageNeverPull)
		}
	}
	return m.pull(ctx, r, spec)
}

func (m *Manager) fail(r Request, reason, msg string, err error) (string, string, error) {
	m.recorder.Event(r.Ref, corev1.EventTypeWarning, reason, msg)
	return "", msg, err
}

func (m *Manager) pull(ctx context.Context, r Request, spec *v1.ImageSpec) (ref, message string, err error) {
	key := string(r.Pod.UID) + "_" + r.Image
	if m.backOff.IsInBackOffSinceUpdate(key, m.clock.Now()) {
		msg := fmt.Sprintf("Back-off pulling image %q", r.Image)
		m.recorder.Event(r.Ref, corev1.EventTypeNormal, events.BackOffPullImage, msg)
		if why := m.why(key); why != "" {
			msg += ": " + why
		}
		return "", msg, ErrImagePullBackOff
	}
	m.recorder.Event(r.Ref, corev1.EventTypeNormal, events.PullingImage, fmt.Sprintf("Pulling image %q", r.Image))
	start := m.clock.Now()
	ref, err = r.Images.PullImage(ctx, spec, AuthFor(spec.Image, r.Secrets), r.Sandbox)
	if err != nil {
		m.recorder.Event(r.Ref, corev1.EventTypeWarning, events.FailedToPullImage, fmt.Sprintf("Failed to pull image %q: %v", r.Image, err))
		m.backOff.Next(key, m.clock.Now())
		m.remember(key, fmt.Sprintf("%s: %s", ErrImagePull, err))
		return "", err.Error(), ErrImagePull
	}
	took := m.clock.Since(start).Truncate(time.Millisecond)
	m.recorder.Event(r.Ref, corev1.EventTypeNormal, events.PulledImage,
		fmt.Sprintf("Successfully pulled image %q in %v (%v including waiting). Image size: %v bytes.", r.Image, took, took, m.size(ctx, r, spec)))
	m.remember(key, "")
	m.backOff.GC()
	return ref, "", nil
}

func (m *Manager) size(ctx context.Context, r Request, spec *v1.ImageSpec) uint64 {
	image, err := r.Images.ImageStatus(ctx, spec)
	if err != nil || image == nil {
		return 0
	}
	return image.Size
}

func (m *Manager) why(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last[key]
}

func (m *Manager) remember(key, why string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if why == "" {
		delete(m.last, key)
	} else {
		m.last[key] = why
	}
}

// Forget drops what is remembered of a pod's pulls.
func (m *Manager) Forget(pod *corev1.Pod) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key := range m.last {
		if strings.HasPrefix(key, string(pod.UID)+"_") {
			delete(m.last, key)
		}
	}
}

// WithTag adds ":latest" to an image name that has neither tag nor digest.
func WithTag(image string) (string, error) {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return "", fmt.Errorf("couldn't parse image name %q: %v", image, err)
	}
	if reference.IsNameOnly(named) {
		return image + ":latest", nil
	}
	return image, nil
}
