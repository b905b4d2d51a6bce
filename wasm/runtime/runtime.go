package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"sync"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/cri"
	"kubergarten/engine/network"
	"kubergarten/engine/trace"
	"kubergarten/wasm/host"
	"kubergarten/wasm/host/vfs"
	"kubergarten/wasm/image"
)

// Name is the runtime's name in records.
const Name = "wasm-runtime"

// The runtime's name and version, which `kubectl get nodes -o wide` shows.
const (
	runtimeName    = "wazero"
	runtimeVersion = "1.12.0"
)

// handler is the runtime's name in a RuntimeClass.
const handler = "wasm"

// sandboxImage is what infra containers are made from.
const sandboxImage = "registry.k8s.io/pause:3.10"

// Config says what a runtime works with.
type Config struct {
	Root    *os.Root      // the node's files
	Network *network.Node // the node's place in the network
	Images  *image.Store  // shared by all nodes
	Clock   clock.Clock
	Trace   *trace.Recorder
	Log     *slog.Logger

	// Quota is what a container may write to its root file system, and what may
	// lie in a volume of a pod; 64 MiB and 10000 files if zero.
	Quota vfs.Quota
	// VolumeQuota is what may lie in a directory of the node that is mounted and
	// belongs to no pod; 16 times Quota if zero.
	VolumeQuota vfs.Quota
	// LogRate is how many bytes of log a container may write in a second,
	// 1 MiB if zero; LogSize is where a log that nobody rotates is cut off, 16
	// MiB if zero.
	LogRate, LogSize int64

	// Native lists the native programs of a container, by their absolute paths in
	// it; nil: none has any.
	Native func(*v1.ContainerConfig) map[string]host.Program
}

// Runtime is the container runtime of one node.
type Runtime struct {
	cfg    Config
	ledger *cri.Ledger
	ctx    context.Context // of all that runs
	stop   context.CancelFunc
	wg     sync.WaitGroup // the goroutines that wait for containers
	sweep  sync.Once      // takes away what an earlier run has left

	mu         sync.Mutex
	sandboxes  map[string]*sandbox
	containers map[string]*container
	present    map[string]*image.Image // pulled, by reference
}

var (
	_ cri.Runtime = (*Runtime)(nil)
	_ cri.Images  = (*Runtime)(nil)
)

// New returns a runtime with nothing in it, but for the image of the infra
// containers.
func New(cfg Config) (*Runtime, error) {
	if cfg.Root == nil || cfg.Network == nil || cfg.Images == nil || cfg.Clock == nil {
		return nil, errors.New("wasm runtime: the node's root, network, images and clock are needed")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Quota == (vfs.Quota{}) {
		cfg.Quota = vfs.Quota{Bytes: 64 << 20, Inodes: 10_000}
	}
	if cfg.VolumeQuota == (vfs.Quota{}) {
		cfg.VolumeQuota = vfs.Quota{Bytes: 16 * cfg.Quota.Bytes, Inodes: 16 * cfg.Quota.Inodes}
	}
	if cfg.LogRate <= 0 {
		cfg.LogRate = 1 << 20
	}
	if cfg.LogSize <= 0 {
		cfg.LogSize = 16 << 20
	}
	if err := cfg.Images.Offer(context.Background(), host.Instantiate); err != nil {
		return nil, fmt.Errorf("wasm runtime: %w", err)
	}
	r := &Runtime{
		cfg: cfg, ledger: cri.NewLedger(cfg.Clock.Now),
		sandboxes: map[string]*sandbox{}, containers: map[string]*container{}, present: map[string]*image.Image{},
	}
	r.ctx, r.stop = context.WithCancel(context.Background())
	return r, nil
}

// Name implements component.Component.
func (r *Runtime) Name() string { return Name }

// Run waits for the end of ctx, kills what then still runs, and waits for that.
func (r *Runtime) Run(ctx context.Context) error {
	<-ctx.Done()
	r.stop()
	r.wg.Wait()
	return nil
}

// Version implements cri.Runtime.
func (r *Runtime) Version(context.Context) (*v1.VersionResponse, error) {
	return &v1.VersionResponse{Version: "0.1.0", RuntimeName: runtimeName, RuntimeVersion: runtimeVersion, RuntimeApiVersion: "v1"}, nil
}

// Status implements cri.Runtime.
func (r *Runtime) Status(context.Context) (*v1.StatusResponse, error) {
	ready := &v1.RuntimeCondition{Type: v1.RuntimeReady, Status: true}
	net := &v1.RuntimeCondition{Type: v1.NetworkReady, Status: true}
	if !r.cfg.Network.Ready() {
		net = &v1.RuntimeCondition{Type: v1.NetworkReady, Reason: "NetworkPluginNotReady", Message: "Network plugin returns error: cni plugin not initialized"}
	}
	return &v1.StatusResponse{
		Status:          &v1.RuntimeStatus{Conditions: []*v1.RuntimeCondition{ready, net}},
		RuntimeHandlers: []*v1.RuntimeHandler{{Name: "", Features: &v1.RuntimeHandlerFeatures{}}, {Name: handler, Features: &v1.RuntimeHandlerFeatures{}}},
	}, nil
}

// UpdateRuntimeConfig implements cri.Runtime.
func (r *Runtime) UpdateRuntimeConfig(_ context.Context, cfg *v1.RuntimeConfig) error {
	s := cfg.GetNetworkConfig().GetPodCidr()
	if s == "" {
		return nil
	}
	cidr, err := netip.ParsePrefix(s)
	if err != nil {
		return fmt.Errorf("pod CIDR %q: %w", s, err)
	}
	if err := r.cfg.Network.SetPodCIDR(cidr); err != nil {
		return fmt.Errorf("pod CIDR %s: %w", cidr, err)
	}
	return nil
}

// GetContainerEvents implements cri.Runtime.
func (r *Runtime) GetContainerEvents(ctx context.Context, report func(*v1.ContainerEventResponse)) error {
	return r.ledger.Follow(ctx, report)
}

// emit records a step of a pod's journey.
func (r *Runtime) emit(step trace.Step, pod *v1.PodSandboxMetadata, format string, args ...any) {
	if r.cfg.Trace == nil {
		return
	}
	r.cfg.Trace.Emit(trace.Record{
		Who: Name, Node: r.cfg.Network.Name(), Step: step, Words: fmt.Sprintf(format, args...),
		Object: trace.Ref{Resource: "pods", Namespace: pod.GetNamespace(), Name: pod.GetName()},
	})
}
