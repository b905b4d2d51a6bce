package workbench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/network"
	"kubergarten/wasm/host"
	"kubergarten/wasm/host/vfs"
	"kubergarten/wasm/image"
	"kubergarten/wasm/runtime"
)

// Name is the workbench's name as a component.
const Name = "workbench"

// ErrClosed reports that the workbench has ended.
var ErrClosed = errors.New("the workbench is closed")

// Kubectl is the kubectl of a session: a native program. It returns its exit
// code, soon after ctx has ended. Command.Dir may lie outside of the learner's
// files: see InHome.
type Kubectl func(ctx context.Context, c host.Command) int

// Config says what a workbench works with.
type Config struct {
	Root    *os.Root      // where the learners' files are kept
	Network *network.Node // the node whose pods the shells are like
	Images  *image.Store
	Clock   clock.Clock // real time, or shells stand still with the cluster
	Log     *slog.Logger

	// Quota is what a learner's files may be; 64 MiB and 10000 files if zero.
	Quota vfs.Quota
	// Memory is what a learner's processes may hold together, in bytes; 256 MiB
	// if zero.
	Memory int64
}

// A Workbench gives shells to learners.
type Workbench struct {
	cfg     Config
	runtime *runtime.Runtime
	wg      sync.WaitGroup // the sessions

	mu      sync.Mutex
	benches map[string]*bench
	ctx     context.Context // of all sessions
	end     context.CancelFunc
}

// New returns a workbench with nobody at it.
func New(cfg Config) (*Workbench, error) {
	if cfg.Root == nil {
		return nil, errors.New("workbench: a directory is needed")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Quota == (vfs.Quota{}) {
		cfg.Quota = vfs.Quota{Bytes: 64 << 20, Inodes: 10_000}
	}
	if cfg.Memory <= 0 {
		cfg.Memory = 256 << 20
	}
	w := &Workbench{cfg: cfg, benches: map[string]*bench{}}
	w.ctx, w.end = context.WithCancel(context.Background())
	var err error
	w.runtime, err = runtime.New(runtime.Config{
		Root: cfg.Root, Network: cfg.Network, Images: cfg.Images, Clock: cfg.Clock, Log: cfg.Log,
		VolumeQuota: cfg.Quota, Native: w.programs,
	})
	if err != nil {
		return nil, fmt.Errorf("workbench: %w", err)
	}
	return w, nil
}

// Name returns the component's name.
func (w *Workbench) Name() string { return Name }

// Run waits for the end of ctx, and ends all sessions and what they have
// started.
func (w *Workbench) Run(ctx context.Context) error {
	<-ctx.Done()
	w.mu.Lock()
	w.end()
	w.mu.Unlock()
	w.wg.Wait()
	err := w.runtime.Run(ctx)
	return errors.Join(err, w.clear())
}

// clear takes the benches away; the learners' files stay.
func (w *Workbench) clear() error {
	ctx := context.Background()
	pods, err := w.runtime.ListPodSandbox(ctx, nil)
	for _, p := range pods {
		err = errors.Join(err, w.runtime.RemovePodSandbox(ctx, p.Id))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.benches {
		err = errors.Join(err, b.home.Close())
	}
	clear(w.benches)
	return err
}

// join counts the caller in as a session, unless the workbench has ended.
func (w *Workbench) join() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx.Err() != nil {
		return ErrClosed
	}
	w.wg.Add(1)
	return nil
}

// programs are the native programs of a container.
func (w *Workbench) programs(c *v1.ContainerConfig) map[string]host.Program {
	b, ok := w.benchOf(c)
	if !ok {
		return nil
	}
	return map[string]host.Program{
		idlePath:    {Native: idle, Reads: func([]string) bool { return false }},
		kubectlPath: {Native: b.runKubectl, Reads: readsStdin},
	}
}
