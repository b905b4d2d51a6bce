package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
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

// ListContainers implements cri.Runtime.
func (r *Runtime) ListContainers(_ context.Context, f *v1.ContainerFilter) ([]*v1.Container, error) {
	return r.ledger.Containers(f), nil
}

// ContainerStatus implements cri.Runtime.
func (r *Runtime) ContainerStatus(_ context.Context, id string) (*v1.ContainerStatus, error) {
	status, _, _, err := r.ledger.Container(id)
	if c, ok := r.container(id); ok && err == nil {
		status.ImageId = c.image.ID
		status.User = c.user()
		status.StopSignal = v1.Signal(v1.Signal_value[signalName(stopSignal(c))])
	}
	return status, err
}

// user is as whom the first process runs.
func (c *container) user() *v1.ContainerUser {
	u := &v1.LinuxContainerUser{Uid: int64(c.cred.UID), Gid: int64(c.cred.GID)}
	for _, g := range c.cred.Groups {
		u.SupplementalGroups = append(u.SupplementalGroups, int64(g))
	}
	return &v1.ContainerUser{Linux: u}
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
