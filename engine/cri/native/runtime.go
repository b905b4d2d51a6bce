package native

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"sync"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/cri"
	"kubergarten/engine/network"
)

// Config is what a runtime works with.
type Config struct {
	Node     string             // its name
	Root     *os.Root           // its files
	Network  *network.Node      // its network
	Programs map[string]Program // by image repository, as "registry.k8s.io/kube-scheduler"
	Clock    clock.Clock
	Log      *slog.Logger
	Size     uint64 // of an image: that of the executable that holds the programs
	Version  string // of the runtime, as nodes show it; "1.0.0" if empty
}

// Runtime runs programs in containers.
type Runtime struct {
	cfg    Config
	ledger *cri.Ledger

	mu         sync.Mutex
	namespaces map[string]*network.Namespace // by sandbox
	containers map[string]*container
	images     map[string]bool // pulled, by reference
}

var (
	_ cri.Runtime = (*Runtime)(nil)
	_ cri.Images  = (*Runtime)(nil)
)

// New returns a runtime in which nothing runs.
func New(cfg Config) (*Runtime, error) {
	switch {
	case cfg.Root == nil:
		return nil, errors.New("native runtime: the node's files are needed")
	case cfg.Clock == nil:
		return nil, errors.New("native runtime: a clock is needed")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Version == "" {
		cfg.Version = "1.0.0"
	}
	return &Runtime{
		cfg: cfg, ledger: cri.NewLedger(cfg.Clock.Now),
		namespaces: map[string]*network.Namespace{}, containers: map[string]*container{}, images: map[string]bool{},
	}, nil
}

// Version implements cri.Runtime.
func (r *Runtime) Version(context.Context) (*v1.VersionResponse, error) {
	return &v1.VersionResponse{Version: "0.1.0", RuntimeName: "native", RuntimeVersion: r.cfg.Version, RuntimeApiVersion: "v1"}, nil
}

// Status implements cri.Runtime.
func (r *Runtime) Status(context.Context) (*v1.StatusResponse, error) {
	n := &v1.RuntimeCondition{Type: v1.NetworkReady, Status: true}
	if r.cfg.Network == nil || !r.cfg.Network.Ready() {
		n = &v1.RuntimeCondition{
			Type: v1.NetworkReady, Reason: "NetworkPluginNotReady",
			Message: "Network plugin returns error: cni plugin not initialized",
		}
	}
	ready := &v1.RuntimeCondition{Type: v1.RuntimeReady, Status: true}
	return &v1.StatusResponse{Status: &v1.RuntimeStatus{Conditions: []*v1.RuntimeCondition{ready, n}}}, nil
}

// UpdateRuntimeConfig implements cri.Runtime.
func (r *Runtime) UpdateRuntimeConfig(_ context.Context, cfg *v1.RuntimeConfig) error {
	cidr, err := netip.ParsePrefix(cfg.GetNetworkConfig().GetPodCidr())
	if err != nil {
		return fmt.Errorf("update runtime config: %w", err)
	}
	if r.cfg.Network == nil {
		return nil
	}
	return r.cfg.Network.SetPodCIDR(cidr)
}

// GetContainerEvents implements cri.Runtime.
func (r *Runtime) GetContainerEvents(ctx context.Context, report func(*v1.ContainerEventResponse)) error {
	return r.ledger.Follow(ctx, report)
}

// RunPodSandbox implements cri.Runtime.
func (r *Runtime) RunPodSandbox(ctx context.Context, cfg *v1.PodSandboxConfig, handler string) (string, error) {
	id := cri.NewID()
	ns, status, err := r.attach(ctx, id, cfg)
	if err != nil {
		return "", fmt.Errorf("failed to setup network for sandbox %q: %w", id, err)
	}
	r.mu.Lock()
	r.namespaces[id] = ns
	r.mu.Unlock()
	r.ledger.AddSandbox(id, cfg, handler, status)
	return id, nil
}

// attach gives the sandbox the node's network, or one of its own.
func (r *Runtime) attach(ctx context.Context, id string, cfg *v1.PodSandboxConfig) (*network.Namespace, *v1.PodSandboxNetworkStatus, error) {
	if r.cfg.Network == nil {
		return nil, nil, nil
	}
	if cfg.GetLinux().GetSecurityContext().GetNamespaceOptions().GetNetwork() == v1.NamespaceMode_NODE {
		return r.cfg.Network.Namespace(), nil, nil
	}
	ns, err := r.cfg.Network.Add(ctx, id, cfg.GetMetadata().GetNamespace(), cfg.GetMetadata().GetName())
	if err != nil {
		return nil, nil, err
	}
	return ns, &v1.PodSandboxNetworkStatus{Ip: ns.IP().String()}, nil
}

// StopPodSandbox implements cri.Runtime: what runs in it is told to end and not
// waited for.
func (r *Runtime) StopPodSandbox(ctx context.Context, id string) error {
	for _, c := range r.ledger.Containers(&v1.ContainerFilter{PodSandboxId: id}) {
		if err := r.StopContainer(ctx, c.Id, 0); err != nil {
			return err
		}
	}
	r.mu.Lock()
	delete(r.namespaces, id)
	r.mu.Unlock()
	if r.cfg.Network != nil {
		if err := r.cfg.Network.Del(ctx, id); err != nil {
			return fmt.Errorf("stop sandbox %q: %w", id, err)
		}
	}
	r.ledger.StopSandbox(id)
	return nil
}

// RemovePodSandbox implements cri.Runtime.
func (r *Runtime) RemovePodSandbox(ctx context.Context, id string) error {
	if err := r.StopPodSandbox(ctx, id); err != nil {
		return err
	}
	for _, c := range r.ledger.Containers(&v1.ContainerFilter{PodSandboxId: id}) {
		r.forget(c.Id)
	}
	r.ledger.RemoveSandbox(id)
	return nil
}

// PodSandboxStatus implements cri.Runtime.
func (r *Runtime) PodSandboxStatus(_ context.Context, id string) (*v1.PodSandboxStatus, error) {
	st, _, err := r.ledger.Sandbox(id)
	return st, err
}

// ListPodSandbox implements cri.Runtime.
func (r *Runtime) ListPodSandbox(_ context.Context, f *v1.PodSandboxFilter) ([]*v1.PodSandbox, error) {
	return r.ledger.Sandboxes(f), nil
}

func (r *Runtime) namespace(sandbox string) *network.Namespace {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.namespaces[sandbox]
}

// PortForward implements cri.Runtime.
func (r *Runtime) PortForward(ctx context.Context, sandbox string, port int32, stream io.ReadWriteCloser) error {
	ns := r.namespace(sandbox)
	if ns == nil {
		return fmt.Errorf("sandbox %q: %w", sandbox, cri.ErrNotFound)
	}
	conn, err := ns.Dial(ctx, "tcp", netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port)))
	if err != nil {
		return fmt.Errorf("failed to connect to localhost:%d inside namespace %q, IPv4: %w", port, sandbox, err)
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	done := make(chan error, 1)
	go func() {
		_, err := io.Copy(conn, stream)
		if c, ok := conn.(interface{ CloseWrite() error }); ok && err == nil {
			err = c.CloseWrite()
		}
		done <- err
	}()
	_, err = io.Copy(stream, conn)
	_ = stream.Close()
	<-done
	return err
}
