package runtime

import (
	"context"
	"fmt"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
	"kubergarten/engine/trace"
	"kubergarten/wasm/host"
)

// Upstream: containerd internal/cri/server/container_start.go, container_stop.go,
// container_remove.go.

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
