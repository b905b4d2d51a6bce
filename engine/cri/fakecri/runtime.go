package fakecri

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/utils/clock"

	"kubergarten/engine/cri"
	"kubergarten/engine/network"
)

// A Life says how one container lives.
type Life struct {
	// StartError makes StartContainer fail.
	StartError string
	// Runs is how long the container runs before it ends with Exit; for ever
	// if zero or less, unless Ends is set.
	Runs time.Duration
	// Ends makes the container end, with Exit, after Runs, even if that is zero.
	Ends bool
	// Exit is how it ends.
	Exit cri.Exit
	// Deaf makes it ignore SIGTERM, so that it dies after the grace period.
	Deaf bool
}

// Config says what a runtime is like.
type Config struct {
	Clock clock.WithTickerAndDelayedExecution
	// Script tells how a container lives; nil: for ever.
	Script func(*v1.ContainerConfig) Life
	// Exec answers exec; nil: nothing is written, exit code 0.
	Exec func(container *v1.ContainerConfig, cmd []string, s cri.Streams) (code int32, err error)
	// PullError refuses an image; nil: all images are there to be pulled.
	PullError func(image string) error
	// SandboxError refuses a sandbox; nil: all are run.
	SandboxError func(*v1.PodSandboxConfig) error
	// Present are images that need no pull.
	Present []string
	// NetworkReady is whether the network is ready without a pod CIDR.
	NetworkReady bool
	// Network gives the sandboxes their namespaces; nil: addresses are counted up.
	Network *network.Node
}

// Runtime is a cri.Runtime and cri.Images.
type Runtime struct {
	cfg    Config
	ledger *cri.Ledger

	mu     sync.Mutex
	cidr   string
	next   int
	ends   map[string]clock.Timer // of containers that will end by themselves
	gone   map[string]chan struct{}
	images map[string]bool
	calls  []string
}

var (
	_ cri.Runtime = (*Runtime)(nil)
	_ cri.Images  = (*Runtime)(nil)
)

// New returns a runtime with nothing in it.
func New(cfg Config) (*Runtime, error) {
	if cfg.Clock == nil {
		return nil, errors.New("fakecri: a clock is needed")
	}
	r := &Runtime{
		cfg: cfg, ledger: cri.NewLedger(cfg.Clock.Now),
		ends: map[string]clock.Timer{}, gone: map[string]chan struct{}{}, images: map[string]bool{},
	}
	for _, image := range cfg.Present {
		r.images[image] = true
	}
	return r, nil
}

func (r *Runtime) called(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf(format, args...))
}

// Calls returns what was called so far: "RunPodSandbox web", "StartContainer web/app", ...
func (r *Runtime) Calls() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.calls...)
}

// Version implements cri.Runtime.
func (r *Runtime) Version(context.Context) (*v1.VersionResponse, error) {
	return &v1.VersionResponse{Version: "0.1.0", RuntimeName: "fakecri", RuntimeVersion: "1.0.0", RuntimeApiVersion: "v1"}, nil
}

// Status implements cri.Runtime.
func (r *Runtime) Status(context.Context) (*v1.StatusResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	network := &v1.RuntimeCondition{Type: v1.NetworkReady, Status: true}
	if r.cidr == "" && !r.cfg.NetworkReady {
		network = &v1.RuntimeCondition{Type: v1.NetworkReady, Reason: "NetworkPluginNotReady", Message: "Network plugin returns error: cni plugin not initialized"}
	}
	ready := &v1.RuntimeCondition{Type: v1.RuntimeReady, Status: true}
	return &v1.StatusResponse{Status: &v1.RuntimeStatus{Conditions: []*v1.RuntimeCondition{ready, network}}}, nil
}

// UpdateRuntimeConfig implements cri.Runtime.
func (r *Runtime) UpdateRuntimeConfig(_ context.Context, cfg *v1.RuntimeConfig) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cidr = cfg.GetNetworkConfig().GetPodCidr()
	if r.cfg.Network == nil {
		return nil
	}
	cidr, err := netip.ParsePrefix(r.cidr)
	if err != nil {
		return fmt.Errorf("pod CIDR %q: %w", r.cidr, err)
	}
	return r.cfg.Network.SetPodCIDR(cidr)
}

// GetContainerEvents implements cri.Runtime.
func (r *Runtime) GetContainerEvents(ctx context.Context, report func(*v1.ContainerEventResponse)) error {
	return r.ledger.Follow(ctx, report)
}

// Attach implements cri.Runtime: it waits until the container or ctx ends.
func (r *Runtime) Attach(ctx context.Context, id string, _ cri.Streams) error {
	select {
	case <-r.over(id):
	case <-ctx.Done():
	}
	return nil
}

// PortForward implements cri.Runtime: the port echoes.
func (r *Runtime) PortForward(_ context.Context, sandbox string, _ int32, stream io.ReadWriteCloser) error {
	if _, _, err := r.ledger.Sandbox(sandbox); err != nil {
		return err
	}
	defer func() { _ = stream.Close() }()
	_, err := io.Copy(stream, stream)
	return err
}
