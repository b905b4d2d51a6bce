package prober

// Upstream: pkg/kubelet/prober/prober_manager.go

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/record"

	"kubergarten/engine/clock"
	"kubergarten/engine/kubelet/container"
)

// Runner runs commands in containers.
type Runner interface {
	RunInContainer(ctx context.Context, id container.ID, cmd []string, timeout time.Duration) (output []byte, code int32, err error)
}

// Config is what a manager works with.
type Config struct {
	Clock    clock.Clock
	Network  Dialer
	Runner   Runner
	Recorder record.EventRecorder
	// Status returns the pod's newest status.
	Status func(uid types.UID) (corev1.PodStatus, bool)
	// What the probes found, and who is told.
	Readiness, Startup, Liveness *Results
}

// kind is readiness, liveness or startup, as upstream's messages say.
type kind string

const (
	readiness kind = "Readiness"
	liveness  kind = "Liveness"
	startup   kind = "Startup"
)

type key struct {
	pod       types.UID
	container string
	kind      kind
}

// Manager runs the probes of a node's pods.
type Manager struct {
	Config

	mu      sync.Mutex
	ctx     context.Context // of Run; nil before and after
	wg      sync.WaitGroup
	workers map[key]*worker
}

// New returns a manager that probes nothing.
func New(cfg Config) *Manager { return &Manager{Config: cfg, workers: map[key]*worker{}} }

// Run allows probes until ctx is done.
func (m *Manager) Run(ctx context.Context) error {
	m.mu.Lock()
	m.ctx = ctx
	for _, w := range m.workers {
		w.after(0)
	}
	m.mu.Unlock()
	<-ctx.Done()
	m.mu.Lock()
	m.ctx = nil
	for _, w := range m.workers {
		w.halt()
	}
	m.mu.Unlock()
	m.wg.Wait()
	return nil
}

// AddPod begins the probes of a pod's containers, unless they run.
func (m *Manager) AddPod(pod *corev1.Pod) {
	m.mu.Lock()
	defer m.mu.Unlock()
	container.Each(pod, func(c *corev1.Container, what string) {
		if what == "ephemeralContainers" || what == "initContainers" && !container.IsSidecar(c) {
			return
		}
		m.add(pod, c, readiness, c.ReadinessProbe)
		m.add(pod, c, liveness, c.LivenessProbe)
		m.add(pod, c, startup, c.StartupProbe)
	})
}

// add is called with mu held.
func (m *Manager) add(pod *corev1.Pod, c *corev1.Container, k kind, spec *corev1.Probe) {
	if spec == nil {
		return
	}
	id := key{pod.UID, c.Name, k}
	if w, ok := m.workers[id]; ok {
		w.pod, w.container, w.spec = pod, c, spec
		return
	}
	w := &worker{m: m, key: id, pod: pod, container: c, spec: spec}
	w.results, w.initial = m.Readiness, Failure
	switch k {
	case liveness:
		w.results, w.initial = m.Liveness, Success
	case startup:
		w.results, w.initial = m.Startup, Unknown
	}
	m.workers[id] = w
	w.after(0)
}

// Kick runs a pod's probes that wait for its containers, as soon as they may
// have something to look at.
func (m *Manager) Kick(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, w := range m.workers {
		if k.pod == uid && w.waiting {
			w.after(0)
		}
	}
}

// StopLivenessAndStartup ends what could restart containers of a pod that ends.
func (m *Manager) StopLivenessAndStartup(uid types.UID) {
	m.remove(func(k key) bool { return k.pod == uid && k.kind != readiness })
}

// RemovePod ends all probes of the pod.
func (m *Manager) RemovePod(uid types.UID) {
	m.remove(func(k key) bool { return k.pod == uid })
}

func (m *Manager) remove(which func(key) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, w := range m.workers {
		if which(k) {
			w.halt()
			w.results.Remove(w.id)
			delete(m.workers, k)
		}
	}
}

// UpdatePodStatus fills in which containers have started and are ready.
func (m *Manager) UpdatePodStatus(pod *corev1.Pod, st *corev1.PodStatus) {
	for i := range st.ContainerStatuses {
		c := &st.ContainerStatuses[i]
		started := m.started(pod, c)
		c.Started = &started
		c.Ready = started && m.ready(pod, c)
	}
	for i := range st.InitContainerStatuses {
		c := &st.InitContainerStatuses[i]
		started := m.started(pod, c)
		c.Started = &started
		spec := container.Spec(pod, c.Name)
		if spec == nil || !container.IsSidecar(spec) {
			c.Ready = c.State.Terminated != nil && c.State.Terminated.ExitCode == 0
			continue
		}
		c.Ready = started && m.ready(pod, c)
	}
}

func (m *Manager) started(pod *corev1.Pod, c *corev1.ContainerStatus) bool {
	if c.State.Running == nil {
		return false
	}
	if r, ok := m.Startup.Get(container.ParseID(c.ContainerID)); ok {
		return r == Success
	}
	spec := container.Spec(pod, c.Name) // no probe yet: the worker may not have begun
	return spec == nil || spec.StartupProbe == nil
}

func (m *Manager) ready(pod *corev1.Pod, c *corev1.ContainerStatus) bool {
	if c.State.Running == nil {
		return false
	}
	if r, ok := m.Readiness.Get(container.ParseID(c.ContainerID)); ok {
		return r == Success
	}
	spec := container.Spec(pod, c.Name)
	return spec == nil || spec.ReadinessProbe == nil
}
