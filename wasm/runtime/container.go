package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
	"kubergarten/engine/trace"
	"kubergarten/wasm/fuel"
	"kubergarten/wasm/host"
	"kubergarten/wasm/host/vfs"
	"kubergarten/wasm/image"
)

// container is one container. What has no lock is set before it is started.
type container struct {
	id      string
	sandbox *sandbox
	cfg     *v1.ContainerConfig
	image   *image.Image
	ctx     context.Context
	cancel  context.CancelFunc // kills its processes

	cpu    *fuel.Account
	memory *image.Memory
	fs     *vfs.FS
	pids   *host.PIDs
	cred   vfs.Cred
	env    []string
	args   []string
	dir    string

	output *output
	stdin  *host.PipeWriter // if it has a standard input, and no terminal
	tty    *host.TTY        // if it has a terminal

	process *host.Process // set when it is started
	gone    chan struct{} // closed when it has ended, and the ledger knows

	mu      sync.Mutex
	started bool
	sample  cpuSample
}

func (r *Runtime) newContainer(id string, s *sandbox, cfg *v1.ContainerConfig, i *image.Image) *container {
	c := &container{id: id, sandbox: s, cfg: cfg, image: i, cpu: r.cfg.Images.NewAccount(r.cfg.Clock), gone: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(s.ctx)
	c.memory = r.cfg.Images.NewMemory(0, c.cancel)
	c.limit(cfg.GetLinux().GetResources())
	c.pids = r.pids(c)
	return c
}

// limit sets what the container may use.
func (c *container) limit(res *v1.LinuxContainerResources) {
	c.memory.SetLimit(res.GetMemoryLimitInBytes())
	c.cpu.SetLimit(time.Duration(res.GetCpuQuota())*time.Microsecond, time.Duration(res.GetCpuPeriod())*time.Microsecond)
}

// pids returns the container's PID namespace.
func (r *Runtime) pids(c *container) *host.PIDs {
	switch o := c.cfg.GetLinux().GetSecurityContext().GetNamespaceOptions(); o.GetPid() {
	case v1.NamespaceMode_POD, v1.NamespaceMode_NODE:
		return c.sandbox.pids
	case v1.NamespaceMode_TARGET:
		if t, ok := r.container(o.GetTargetId()); ok {
			return t.pids
		}
	}
	return host.NewPIDs()
}

// CreateContainer implements cri.Runtime.
func (r *Runtime) CreateContainer(_ context.Context, id string, cfg *v1.ContainerConfig, _ *v1.PodSandboxConfig) (string, error) {
	s, ok := r.sandbox(id)
	if !ok {
		return "", fmt.Errorf("failed to find sandbox id %q: %w", id, cri.ErrNotFound)
	}
	i, ok := r.find(cfg.GetImage().GetImage())
	if !ok {
		return "", fmt.Errorf("failed to resolve image %q: %w", cfg.GetImage().GetImage(), cri.ErrNotFound)
	}
	c := r.newContainer(cri.NewID(), s, cfg, i)
	err := r.furnish(c, true)
	if err == nil {
		err = r.ledger.AddContainer(c.id, s.id, i.RepoDigest(), cfg)
	}
	if err != nil {
		c.close()
		return "", fmt.Errorf("failed to generate container %q spec: %w", c.id, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.containers[c.id] = c
	return c.id, nil
}

// furnish gives the container all that its processes will find; with mounts, if
// it is no infra container.
func (r *Runtime) furnish(c *container, mounts bool) (err error) {
	var home string
	if c.cred, home, err = who(c.image, c.cfg.GetLinux().GetSecurityContext()); err != nil {
		return err
	}
	if c.args, err = command(c.image.Config, c.cfg); err != nil {
		return err
	}
	c.env = environment(c, home)
	c.dir = workingDir(c.image.Config, c.cfg)
	if err := r.mountRoot(c); err != nil {
		return err
	}
	if mounts {
		if err := r.mountAll(c); err != nil {
			return err
		}
	}
	if err := c.fs.View(0, vfs.Cred{}).MkdirAll(c.dir, 0o755); err != nil {
		return fmt.Errorf("mkdir %s: %w", c.dir, err)
	}
	c.output, err = r.newOutput(c)
	return err
}

// StartContainer implements cri.Runtime.
func (r *Runtime) StartContainer(_ context.Context, id string) error {
	c, ok := r.container(id)
	if !ok {
		return fmt.Errorf("an error occurred when try to find container %q: %w", id, cri.ErrNotFound)
	}
	if c.sandbox.ctx.Err() != nil {
		return fmt.Errorf("sandbox container %q is not running", c.sandbox.id)
	}
	if err := c.once(); err != nil {
		return err
	}
	if err := r.start(c); err != nil {
		err = fmt.Errorf("failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: %w", err)
		c.close()
		r.ledger.Exited(id, cri.Exit{Code: 128, Reason: "StartError", Message: err.Error()})
		close(c.gone)
		return err
	}
	if err := r.ledger.Start(id); err != nil {
		c.cancel()
		return err
	}
	r.emit(trace.Started, c.sandbox.cfg.GetMetadata(), "container %s runs", c.cfg.GetMetadata().GetName())
	r.wg.Go(func() { r.watch(c) })
	return nil
}

// once refuses to start a container a second time.
func (c *container) once() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started {
		return fmt.Errorf("failed to start container %q: container is not in created state", c.id)
	}
	c.started = true
	return nil
}

// watch waits for the end of the container and notes it. What the first process
// leaves behind is killed.
func (r *Runtime) watch(c *container) {
	<-c.process.Done()
	c.cancel()
	for _, p := range c.processes() {
		<-p.Done() // killed: not for long
	}
	c.output.close()
	exit := c.verdict()
	r.ledger.Exited(c.id, exit)
	r.emit(trace.Exited, c.sandbox.cfg.GetMetadata(), "container %s ended: %s, exit code %d", c.cfg.GetMetadata().GetName(), exit.Reason, exit.Code)
	close(c.gone)
}

// processes are those in the container's own PID namespace. Of a shared one we
// cannot tell; they see the end of the context.
func (c *container) processes() []*host.Process {
	if o := c.cfg.GetLinux().GetSecurityContext().GetNamespaceOptions(); o.GetPid() != v1.NamespaceMode_CONTAINER {
		return nil
	}
	return c.pids.List()
}

func (c *container) verdict() cri.Exit {
	x := c.process.Exit()
	if x.Code == 137 && (x.Reason == "OOMKilled" || c.memory.OOMs() > 0) {
		return cri.Exit{Code: 137, Reason: "OOMKilled"}
	}
	return cri.Completed(int32(x.Code))
}

// StopContainer implements cri.Runtime.
func (r *Runtime) StopContainer(ctx context.Context, id string, timeout time.Duration) error {
	c, ok := r.container(id)
	if !ok || !c.running() {
		return nil
	}
	if timeout > 0 {
		c.process.Signal(stopSignal(c))
		t := r.cfg.Clock.NewTimer(timeout)
		defer t.Stop()
		select {
		case <-c.gone:
			return nil
		case <-t.C():
		case <-ctx.Done():
			return fmt.Errorf("wait for container %q: %w", id, ctx.Err())
		}
	}
	c.cancel()
	return c.wait(ctx)
}

// running reports whether the container has been started, and not ended.
func (c *container) running() bool {
	select {
	case <-c.gone:
		return false
	default:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.started && c.process != nil
}

// wait waits for the end of a container that is running.
func (c *container) wait(ctx context.Context) error {
	if !c.running() {
		return nil
	}
	select {
	case <-c.gone:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for container %q: %w", c.id, ctx.Err())
	}
}

// RemoveContainer implements cri.Runtime.
func (r *Runtime) RemoveContainer(ctx context.Context, id string) error {
	c, ok := r.container(id)
	if !ok {
		return nil
	}
	c.cancel()
	if err := c.wait(ctx); err != nil {
		return err
	}
	r.mu.Lock()
	delete(r.containers, id)
	r.mu.Unlock()
	c.close()
	r.ledger.RemoveContainer(id)
	return nil
}

// close frees what a container holds that is not running.
func (c *container) close() {
	c.cancel()
	if c.output != nil {
		c.output.close()
	}
	if c.fs != nil {
		_ = c.fs.Close()
	}
}

// ListContainers implements cri.Runtime.
func (r *Runtime) ListContainers(_ context.Context, f *v1.ContainerFilter) ([]*v1.Container, error) {
	return r.ledger.Containers(f), nil
}

// ContainerStatus implements cri.Runtime.
func (r *Runtime) ContainerStatus(_ context.Context, id string) (*v1.ContainerStatus, error) {
	status, _, _, err := r.ledger.Container(id)
	if c, ok := r.container(id); ok && err == nil {
		status.ImageId = c.image.ID
	}
	return status, err
}

// UpdateContainerResources implements cri.Runtime.
func (r *Runtime) UpdateContainerResources(_ context.Context, id string, res *v1.ContainerResources) error {
	c, ok := r.container(id)
	if !ok {
		return fmt.Errorf("failed to find container %q: %w", id, cri.ErrNotFound)
	}
	if err := r.ledger.SetResources(id, res); err != nil {
		return err
	}
	c.limit(res.GetLinux())
	return nil
}

// ReopenContainerLog implements cri.Runtime.
func (r *Runtime) ReopenContainerLog(_ context.Context, id string) error {
	c, ok := r.container(id)
	if !ok {
		return fmt.Errorf("an error occurred when try to find container %q: %w", id, cri.ErrNotFound)
	}
	if !c.running() {
		return errors.New("container is not running")
	}
	return c.output.log.reopen()
}

func (r *Runtime) container(id string) (*container, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.containers[id]
	return c, ok
}
