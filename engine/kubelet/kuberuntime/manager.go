package kuberuntime

// Upstream: pkg/kubelet/kuberuntime/kuberuntime_manager.go

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/flowcontrol"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/cri"
	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/images"
	"kubergarten/engine/kubelet/lifecycle"
	"kubergarten/engine/kubelet/prober"
	kubetypes "kubergarten/engine/kubelet/types"
	"kubergarten/engine/trace"
)

// Why a container does not run; the texts are reasons of container statuses.
var (
	ErrCrashLoopBackOff      = errors.New("CrashLoopBackOff")
	ErrRunContainer          = errors.New("RunContainerError")
	ErrCreateContainer       = errors.New("CreateContainerError")
	ErrCreateContainerConfig = errors.New("CreateContainerConfigError")
	ErrPostStartHook         = errors.New("PostStartHookError")
)

// A Handler is one runtime with its images.
type Handler struct {
	Runtime cri.Runtime
	Images  cri.Images
}

// Options are what the kubelet knows of how a container is to run.
type Options struct {
	Envs   []*v1.KeyValue
	Mounts []*v1.Mount
}

// Helper is what the manager asks of the kubelet.
type Helper interface {
	// RuntimeHandler says which runtime runs the pod.
	RuntimeHandler(pod *corev1.Pod) (string, error)
	// RunOptions makes the container's environment and mounts.
	RunOptions(ctx context.Context, pod *corev1.Pod, c *corev1.Container, ips []string) (*Options, error)
	PodDNS(pod *corev1.Pod) (*v1.DNSConfig, error)
	HostnameAndDomain(pod *corev1.Pod) (hostname, domain string, err error)
	// SandboxReady is told when the pod has its sandbox and address.
	SandboxReady(pod *corev1.Pod, p *container.PodStatus)
	// TerminationRequested reports whether the pod is to end.
	TerminationRequested(uid types.UID) bool
}

// Config is what a manager works with.
type Config struct {
	Node           string
	Who            string
	Root           *os.Root
	PodLogsDir     string
	Handlers       map[string]Handler
	Images         *images.Manager
	Hooks          *lifecycle.Handlers
	Liveness       *prober.Results
	Startup        *prober.Results
	Helper         Helper
	Recorder       record.EventRecorder
	Clock          clock.Clock
	Trace          *trace.Recorder
	Log            *slog.Logger
	MaxBackOff     time.Duration
	CFSQuota       bool
	CFSPeriod      time.Duration
	MemoryCapacity int64
}

// Manager runs pods on the runtimes of one node.
type Manager struct {
	Config
	backOff  *flowcontrol.Backoff
	runtimes []*engine
}

// engine is one runtime, which may stand under several handlers.
type engine struct {
	cri.Runtime
	images cri.Images
	name   func(context.Context) string // as in container IDs
}

// New returns a manager that has done nothing.
func New(cfg Config) *Manager {
	m := &Manager{Config: cfg, backOff: flowcontrol.NewBackOff(10*time.Second, cfg.MaxBackOff)}
	m.backOff.Clock = cfg.Clock
	m.backOff.HasExpiredFunc = func(event, last time.Time, _ time.Duration) bool { return event.Sub(last) > 10*time.Minute }
	for _, h := range cfg.Handlers {
		if m.engineOf(h.Runtime) == nil {
			m.runtimes = append(m.runtimes, &engine{h.Runtime, h.Images, nameOnce(h.Runtime)})
		}
	}
	return m
}

func nameOnce(r cri.Runtime) func(context.Context) string {
	var mu sync.Mutex
	var name string
	return func(ctx context.Context) string {
		mu.Lock()
		defer mu.Unlock()
		if name == "" {
			if v, err := r.Version(ctx); err == nil {
				name = v.RuntimeName
			}
		}
		return name
	}
}

func (m *Manager) engineOf(r cri.Runtime) *engine {
	for _, e := range m.runtimes {
		if e.Runtime == r {
			return e
		}
	}
	return nil
}

// engineFor returns the runtime that runs the pod, and the handler's name.
func (m *Manager) engineFor(pod *corev1.Pod) (*engine, string, error) {
	name, err := m.Helper.RuntimeHandler(pod)
	if err != nil {
		return nil, "", err
	}
	h, ok := m.Handlers[name]
	if !ok {
		return nil, "", fmt.Errorf("no runtime for %q is configured", name)
	}
	return m.engineOf(h.Runtime), name, nil
}

// Status returns what the runtimes know of the pod of that UID.
func (m *Manager) Status(ctx context.Context, uid types.UID) (*container.PodStatus, error) {
	p := &container.PodStatus{UID: uid}
	for _, e := range m.runtimes {
		if err := m.addStatus(ctx, e, p); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(p.Sandboxes, func(a, b *v1.PodSandboxStatus) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	slices.SortStableFunc(p.Containers, func(a, b *container.Status) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.RestartCount, a.RestartCount))
	})
	if len(p.Sandboxes) > 0 && p.Sandboxes[0].State == v1.PodSandboxState_SANDBOX_READY {
		p.IPs = addresses(p.Sandboxes[0])
	}
	return p, nil
}

func byPod(uid types.UID) map[string]string {
	return map[string]string{kubetypes.KubernetesPodUIDLabel: string(uid)}
}

func (m *Manager) addStatus(ctx context.Context, e *engine, p *container.PodStatus) error {
	sandboxes, err := e.ListPodSandbox(ctx, &v1.PodSandboxFilter{LabelSelector: byPod(p.UID)})
	if err != nil || len(sandboxes) == 0 {
		return err
	}
	for _, s := range sandboxes {
		st, err := e.PodSandboxStatus(ctx, s.Id)
		if errors.Is(err, cri.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		p.Sandboxes, p.Handler = append(p.Sandboxes, st), st.RuntimeHandler
	}
	containers, err := e.ListContainers(ctx, &v1.ContainerFilter{LabelSelector: byPod(p.UID)})
	if err != nil {
		return err
	}
	for _, c := range containers {
		st, err := e.ContainerStatus(ctx, c.Id)
		if errors.Is(err, cri.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		cs := container.FromCRI(e.name(ctx), c.PodSandboxId, st)
		m.terminationMessage(cs, st)
		p.Containers = append(p.Containers, cs)
	}
	return nil
}

func addresses(s *v1.PodSandboxStatus) []string {
	if s.GetNetwork().GetIp() == "" {
		return nil
	}
	ips := []string{s.Network.Ip}
	for _, more := range s.Network.AdditionalIps {
		ips = append(ips, more.Ip)
	}
	return ips
}

// engineOfContainer finds the runtime that has the container.
func (m *Manager) engineOfContainer(ctx context.Context, id container.ID) (*engine, error) {
	for _, e := range m.runtimes {
		if id.Type == "" || e.name(ctx) == id.Type {
			if _, err := e.ContainerStatus(ctx, id.ID); err == nil {
				return e, nil
			}
		}
	}
	return nil, fmt.Errorf("container %q: %w", id, cri.ErrNotFound)
}

// Find returns the runtime that has the container, for those who stream.
func (m *Manager) Find(ctx context.Context, id container.ID) (cri.Runtime, error) {
	return m.engineOfContainer(ctx, id)
}

// RunInContainer implements prober.Runner.
func (m *Manager) RunInContainer(ctx context.Context, id container.ID, cmd []string, timeout time.Duration) (output []byte, code int32, err error) {
	e, err := m.engineOfContainer(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	stdout, stderr, code, err := e.ExecSync(ctx, id.ID, cmd, timeout)
	return append(stdout, stderr...), code, err
}

// Pods returns the UIDs of all pods that the runtimes have something of.
func (m *Manager) Pods(ctx context.Context) (map[types.UID]bool, error) {
	out := map[types.UID]bool{}
	for _, e := range m.runtimes {
		all, err := e.ListPodSandbox(ctx, nil)
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			out[types.UID(s.GetMetadata().GetUid())] = true
		}
	}
	return out, nil
}

// emit writes a trace record about the pod.
func (m *Manager) emit(step trace.Step, pod *corev1.Pod, format string, args ...any) {
	m.Trace.Emit(trace.Record{
		Who: m.Who, Node: m.Node, Step: step, Words: fmt.Sprintf(format, args...),
		Object: trace.Ref{Resource: "pods", Namespace: pod.Namespace, Name: pod.Name},
	})
}

// FindSandbox returns the runtime that has the sandbox.
func (m *Manager) FindSandbox(ctx context.Context, id string) (cri.Runtime, error) {
	for _, e := range m.runtimes {
		if _, err := e.PodSandboxStatus(ctx, id); err == nil {
			return e, nil
		}
	}
	return nil, fmt.Errorf("sandbox %q: %w", id, cri.ErrNotFound)
}
