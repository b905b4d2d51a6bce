package runtime

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
	"kubergarten/engine/network"
	"kubergarten/engine/trace"
	"kubergarten/wasm/host"
)

// sandbox is what the containers of a pod share.
type sandbox struct {
	id       string
	cfg      *v1.PodSandboxConfig
	net      *network.Namespace
	hostNet  bool
	hostname string
	pids     *host.PIDs // shared by all containers if the pod says so
	ctx      context.Context
	cancel   context.CancelFunc // kills all that runs in the sandbox
	infra    *container
	dir      string // its files, on the node
}

// sandboxDir is where containerd keeps the files of sandboxes.
const sandboxDir = "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes"

// RunPodSandbox implements cri.Runtime.
func (r *Runtime) RunPodSandbox(ctx context.Context, cfg *v1.PodSandboxConfig, by string) (_ string, err error) {
	if by != "" && by != handler {
		return "", fmt.Errorf("failed to get sandbox runtime: no runtime for %q is configured", by)
	}
	r.sweep.Do(func() { _ = r.cfg.Root.RemoveAll(rel(sandboxDir)) })
	s := &sandbox{id: cri.NewID(), cfg: cfg, pids: host.NewPIDs()}
	s.ctx, s.cancel = context.WithCancel(r.ctx)
	defer func() {
		if err != nil {
			err = errors.Join(err, r.dismantle(context.WithoutCancel(ctx), s))
		}
	}()
	if err := r.connect(ctx, s); err != nil {
		return "", fmt.Errorf("failed to setup network for sandbox %q: %w", s.id, err)
	}
	if err := r.writeSandboxFiles(s); err != nil {
		return "", fmt.Errorf("failed to setup sandbox files: %w", err)
	}
	if err := r.startInfra(ctx, s); err != nil {
		return "", fmt.Errorf("failed to start sandbox %q: %w", s.id, err)
	}
	r.mu.Lock()
	r.sandboxes[s.id] = s
	r.mu.Unlock()
	r.ledger.AddSandbox(s.id, cfg, by, s.address())
	r.wg.Go(func() { r.watchSandbox(s) })
	r.emit(trace.Sandboxed, cfg.GetMetadata(), "the infra container runs, in sandbox %.13s", s.id)
	return s.id, nil
}

// connect gives the sandbox its network namespace.
func (r *Runtime) connect(ctx context.Context, s *sandbox) (err error) {
	m := s.cfg.GetMetadata()
	s.hostname = s.cfg.GetHostname()
	s.hostNet = s.cfg.GetLinux().GetSecurityContext().GetNamespaceOptions().GetNetwork() == v1.NamespaceMode_NODE
	if s.hostNet {
		s.net, s.hostname = r.cfg.Network.Namespace(), r.cfg.Network.Name()
		return nil
	}
	s.net, err = r.cfg.Network.Add(ctx, s.id, m.GetNamespace(), m.GetName())
	return err
}

func (s *sandbox) address() *v1.PodSandboxNetworkStatus {
	if s.hostNet {
		return &v1.PodSandboxNetworkStatus{}
	}
	return &v1.PodSandboxNetworkStatus{Ip: s.net.IP().String()}
}

// startInfra starts the infra container, PID 1 of the sandbox.
func (r *Runtime) startInfra(ctx context.Context, s *sandbox) error {
	i, err := r.pull(ctx, sandboxImage)
	if err != nil {
		return err
	}
	res := &v1.LinuxContainerConfig{SecurityContext: &v1.LinuxContainerSecurityContext{NamespaceOptions: &v1.NamespaceOption{Pid: v1.NamespaceMode_POD}}}
	s.infra = r.newContainer(s.id, s, &v1.ContainerConfig{Linux: res}, i)
	if err := r.furnish(s.infra, false); err != nil {
		return err
	}
	return r.start(s.infra)
}

// watchSandbox waits for the end of the infra container: without it the sandbox
// is not ready, and what ran in it is killed.
func (r *Runtime) watchSandbox(s *sandbox) {
	<-s.infra.process.Done()
	s.cancel()
	r.ledger.StopSandbox(s.id)
	close(s.infra.gone)
}

// writeSandboxFiles writes what every container of the pod finds in /etc.
func (r *Runtime) writeSandboxFiles(s *sandbox) error {
	s.dir = path.Join(sandboxDir, s.id)
	if err := r.cfg.Root.MkdirAll(rel(s.dir), 0o755); err != nil {
		return err
	}
	files := map[string]string{
		"hostname":    s.hostname + "\n",
		"resolv.conf": resolvConf(s.cfg.GetDnsConfig()),
		"hosts":       "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n",
	}
	for name, text := range files {
		if err := r.cfg.Root.WriteFile(rel(path.Join(s.dir, name)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// rel makes a path of the virtual node one in its root.
func rel(p string) string {
	if p = strings.TrimPrefix(path.Clean("/"+p), "/"); p == "" {
		return "."
	}
	return p
}

// resolvConf writes /etc/resolv.conf as containerd does.
func resolvConf(c *v1.DNSConfig) string {
	var b strings.Builder
	if len(c.GetSearches()) > 0 {
		fmt.Fprintf(&b, "search %s\n", strings.Join(c.GetSearches(), " "))
	}
	for _, s := range c.GetServers() {
		fmt.Fprintf(&b, "nameserver %s\n", s)
	}
	if len(c.GetOptions()) > 0 {
		fmt.Fprintf(&b, "options %s\n", strings.Join(c.GetOptions(), " "))
	}
	return b.String()
}

// StopPodSandbox implements cri.Runtime.
func (r *Runtime) StopPodSandbox(ctx context.Context, id string) error {
	s, ok := r.sandbox(id)
	if !ok {
		return nil
	}
	s.cancel()
	for _, c := range r.containersOf(s) {
		if err := c.wait(ctx); err != nil {
			return err
		}
	}
	if err := s.infra.wait(ctx); err != nil {
		return err
	}
	return r.disconnect(ctx, s)
}

func (r *Runtime) disconnect(ctx context.Context, s *sandbox) error {
	if s.hostNet || s.net == nil {
		return nil
	}
	if err := r.cfg.Network.Del(ctx, s.id); err != nil {
		return fmt.Errorf("failed to destroy network for sandbox %q: %w", s.id, err)
	}
	return nil
}

// dismantle takes away what a sandbox has that could not be run, or is removed.
func (r *Runtime) dismantle(ctx context.Context, s *sandbox) error {
	s.cancel()
	if s.infra != nil {
		s.infra.close()
	}
	err := r.disconnect(ctx, s)
	if s.dir != "" {
		err = errors.Join(err, r.cfg.Root.RemoveAll(rel(s.dir)))
	}
	return err
}

// RemovePodSandbox implements cri.Runtime.
func (r *Runtime) RemovePodSandbox(ctx context.Context, id string) error {
	s, ok := r.sandbox(id)
	if !ok {
		return nil
	}
	if err := r.StopPodSandbox(ctx, id); err != nil {
		return err
	}
	for _, c := range r.containersOf(s) {
		if err := r.RemoveContainer(ctx, c.id); err != nil {
			return err
		}
	}
	r.mu.Lock()
	delete(r.sandboxes, id)
	r.mu.Unlock()
	r.ledger.RemoveSandbox(id)
	r.emit(trace.Removed, s.cfg.GetMetadata(), "sandbox %.13s is gone", id)
	return r.dismantle(ctx, s)
}

// PodSandboxStatus implements cri.Runtime.
func (r *Runtime) PodSandboxStatus(_ context.Context, id string) (*v1.PodSandboxStatus, error) {
	status, _, err := r.ledger.Sandbox(id)
	return status, err
}

// ListPodSandbox implements cri.Runtime.
func (r *Runtime) ListPodSandbox(_ context.Context, f *v1.PodSandboxFilter) ([]*v1.PodSandbox, error) {
	return r.ledger.Sandboxes(f), nil
}

func (r *Runtime) sandbox(id string) (*sandbox, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.sandboxes[id]
	return s, ok
}

func (r *Runtime) containersOf(s *sandbox) (out []*container) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.containers {
		if c.sandbox == s {
			out = append(out, c)
		}
	}
	return out
}
