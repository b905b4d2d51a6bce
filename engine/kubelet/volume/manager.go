package volume

// Upstream: pkg/kubelet/volumemanager/volume_manager.go

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/clock"
)

// Objects are the ConfigMaps and Secrets that pods refer to.
type Objects interface {
	ConfigMap(ctx context.Context, ns, name string) (*corev1.ConfigMap, error)
	Secret(ctx context.Context, ns, name string) (*corev1.Secret, error)
}

// Config is what a manager works with.
type Config struct {
	Root    *os.Root
	PodsDir string // "/var/lib/kubelet/pods"
	Objects Objects
	Clock   clock.Clock
	// Token asks the API server for a token of a service account.
	Token func(ctx context.Context, ns, account string, req *authenticationv1.TokenRequest) (*authenticationv1.TokenRequest, error)
	// Field gives a field of the pod, as the downward API words it.
	Field func(pod *corev1.Pod, sel *corev1.ObjectFieldSelector) (string, error)
	// Resource gives a resource of one of the pod's containers.
	Resource func(pod *corev1.Pod, sel *corev1.ResourceFieldSelector) (string, error)
}

// Manager mounts the volumes of a node's pods.
type Manager struct {
	Config

	mu     sync.Mutex
	tokens map[tokenKey]token
	failed map[failure]int // how often in a row
}

type failure struct {
	pod    types.UID
	volume string
}

// New returns a manager that has mounted nothing.
func New(cfg Config) *Manager {
	return &Manager{Config: cfg, tokens: map[tokenKey]token{}, failed: map[failure]int{}}
}

// An Error says which volume could not be set up, why, and when to try again.
type Error struct {
	Volume string
	Err    error
	Retry  time.Time
}

func (e *Error) Error() string {
	return fmt.Sprintf("MountVolume.SetUp failed for volume %q : %v", e.Volume, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Dir is the virtual path of the pod's directory.
func (m *Manager) Dir(uid types.UID) string { return path.Join(m.PodsDir, string(uid)) }

// Mount sets up the pod's volumes and returns the virtual path of each, and
// when a token must be renewed: zero if never.
func (m *Manager) Mount(ctx context.Context, pod *corev1.Pod) (paths map[string]string, renew time.Time, err error) {
	paths = map[string]string{}
	var errs []error
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		p, at, err := m.setUp(ctx, pod, v)
		if err != nil {
			errs = append(errs, m.fail(pod, v.Name, err))
			continue
		}
		m.succeed(pod, v.Name)
		paths[v.Name] = p
		renew = earlier(renew, at)
	}
	return paths, renew, errors.Join(errs...)
}

// earlier is the earlier of two times, where zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// fail notes a failure: after the n-th in a row the next try is 0.5 s * 2^n
// later, at most 2 min 2 s.
func (m *Manager) fail(pod *corev1.Pod, name string, err error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := failure{pod.UID, name}
	wait := min(500*time.Millisecond<<min(m.failed[k], 10), 122*time.Second)
	m.failed[k]++
	return &Error{Volume: name, Err: err, Retry: m.Clock.Now().Add(wait)}
}

func (m *Manager) succeed(pod *corev1.Pod, name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.failed, failure{pod.UID, name})
}

// setUp brings one volume up to date.
func (m *Manager) setUp(ctx context.Context, pod *corev1.Pod, v *corev1.Volume) (dir string, renew time.Time, err error) {
	at := func(plugin string) string {
		return path.Join(m.Dir(pod.UID), "volumes", plugin, v.Name)
	}
	var payload map[string]File
	switch {
	case v.EmptyDir != nil:
		dir = at("kubernetes.io~empty-dir")
		return dir, renew, m.emptyDir(dir)
	case v.HostPath != nil:
		return v.HostPath.Path, renew, m.hostPath(v.HostPath)
	case v.ConfigMap != nil:
		dir = at("kubernetes.io~configmap")
		payload, err = m.configMap(ctx, pod, v.ConfigMap)
	case v.Secret != nil:
		dir = at("kubernetes.io~secret")
		payload, err = m.secret(ctx, pod, v.Secret)
	case v.DownwardAPI != nil:
		dir = at("kubernetes.io~downward-api")
		payload, err = m.downwardAPI(pod, v.DownwardAPI.Items, v.DownwardAPI.DefaultMode)
	case v.Projected != nil:
		dir = at("kubernetes.io~projected")
		payload, renew, err = m.projected(ctx, pod, v.Projected)
	default:
		return "", renew, errors.New("no volume plugin matched")
	}
	if err == nil {
		_, err = Write(m.Root, rel(dir), payload, m.Clock.Now())
	}
	return dir, renew, err
}

func (m *Manager) emptyDir(dir string) error {
	if _, err := m.Root.Stat(rel(dir)); err == nil {
		return nil
	}
	if err := m.Root.MkdirAll(rel(dir), 0o755); err != nil {
		return err
	}
	return m.Root.Chmod(rel(dir), 0o777)
}

// Unmount forgets the pod and removes its directory.
func (m *Manager) Unmount(uid types.UID) error {
	m.mu.Lock()
	for k := range m.tokens {
		if k.pod == uid {
			delete(m.tokens, k)
		}
	}
	for k := range m.failed {
		if k.pod == uid {
			delete(m.failed, k)
		}
	}
	m.mu.Unlock()
	if err := m.Root.RemoveAll(rel(m.Dir(uid))); err != nil {
		return fmt.Errorf("remove pod directory: %w", err)
	}
	return nil
}

// Orphans returns the pods that have a directory and are not in keep.
func (m *Manager) Orphans(keep func(types.UID) bool) []types.UID {
	entries, err := fs.ReadDir(m.Root.FS(), rel(m.PodsDir))
	if err != nil {
		return nil
	}
	var out []types.UID
	for _, e := range entries {
		if uid := types.UID(e.Name()); !keep(uid) {
			out = append(out, uid)
		}
	}
	return out
}

// rel turns a path of the virtual node into one below its root.
func rel(virtual string) string {
	p := strings.TrimPrefix(path.Clean("/"+virtual), "/")
	if p == "" {
		return "."
	}
	return p
}
