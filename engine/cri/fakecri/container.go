package fakecri

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
)

// CreateContainer implements cri.Runtime.
func (r *Runtime) CreateContainer(_ context.Context, sandbox string, cfg *v1.ContainerConfig, scfg *v1.PodSandboxConfig) (string, error) {
	r.called("CreateContainer %s/%s", scfg.GetMetadata().GetName(), cfg.GetMetadata().GetName())
	id := cri.NewID()
	r.mu.Lock()
	r.gone[id] = make(chan struct{})
	r.mu.Unlock()
	return id, r.ledger.AddContainer(id, sandbox, cfg.GetImage().GetImage(), cfg)
}

// StartContainer implements cri.Runtime.
func (r *Runtime) StartContainer(_ context.Context, id string) error {
	_, sandbox, cfg, err := r.ledger.Container(id)
	if err != nil {
		return err
	}
	_, scfg, err := r.ledger.Sandbox(sandbox)
	if err != nil {
		return err
	}
	r.called("StartContainer %s/%s", scfg.GetMetadata().GetName(), cfg.GetMetadata().GetName())
	life := r.life(cfg)
	if life.StartError != "" {
		r.exit(id, cri.Exit{Code: 128, Reason: "StartError", Message: life.StartError})
		return errors.New(life.StartError)
	}
	if err := r.ledger.Start(id); err != nil {
		return err
	}
	if life.Ends || life.Runs > 0 {
		r.endAfter(id, life)
	}
	return nil
}

func (r *Runtime) life(cfg *v1.ContainerConfig) Life {
	if r.cfg.Script == nil {
		return Life{}
	}
	return r.cfg.Script(cfg)
}

func (r *Runtime) endAfter(id string, life Life) {
	if life.Runs <= 0 {
		r.exit(id, life.Exit)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ends[id] = r.cfg.Clock.AfterFunc(life.Runs, func() { go r.exit(id, life.Exit) }) // a fake clock calls with its lock held
}

// Exit ends a container now.
func (r *Runtime) Exit(id string, e cri.Exit) { r.exit(id, e) }

func (r *Runtime) exit(id string, e cri.Exit) {
	r.ledger.Exited(id, e)
	r.mu.Lock()
	defer r.mu.Unlock()
	if t, ok := r.ends[id]; ok {
		t.Stop()
		delete(r.ends, id)
	}
	if c, ok := r.gone[id]; ok {
		close(c)
		delete(r.gone, id)
	}
}

// over is closed when the container has ended.
func (r *Runtime) over(id string) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c, ok := r.gone[id]; ok {
		return c
	}
	c := make(chan struct{})
	close(c)
	return c
}

// StopContainer implements cri.Runtime.
func (r *Runtime) StopContainer(ctx context.Context, id string, timeout time.Duration) error {
	st, _, cfg, err := r.ledger.Container(id)
	if err != nil || st.State != v1.ContainerState_CONTAINER_RUNNING {
		return nil
	}
	r.called("StopContainer %s %v", cfg.GetMetadata().GetName(), timeout)
	if !r.life(cfg).Deaf {
		r.exit(id, cri.Exit{Code: 143, Reason: "Error"})
		return nil
	}
	t := r.cfg.Clock.NewTimer(timeout)
	defer t.Stop()
	select {
	case <-t.C():
		r.exit(id, cri.Exit{Code: 137, Reason: "Error"})
	case <-r.over(id):
	case <-ctx.Done():
		return fmt.Errorf("stop container: %w", ctx.Err())
	}
	return nil
}

// RemoveContainer implements cri.Runtime.
func (r *Runtime) RemoveContainer(_ context.Context, id string) error {
	r.exit(id, cri.Exit{Code: 137, Reason: "Error"})
	r.ledger.RemoveContainer(id)
	return nil
}

// ListContainers implements cri.Runtime.
func (r *Runtime) ListContainers(_ context.Context, f *v1.ContainerFilter) ([]*v1.Container, error) {
	return r.ledger.Containers(f), nil
}

// ContainerStatus implements cri.Runtime.
func (r *Runtime) ContainerStatus(_ context.Context, id string) (*v1.ContainerStatus, error) {
	st, _, _, err := r.ledger.Container(id)
	return st, err
}

// UpdateContainerResources implements cri.Runtime.
func (r *Runtime) UpdateContainerResources(_ context.Context, id string, res *v1.ContainerResources) error {
	return r.ledger.SetResources(id, res)
}

// ReopenContainerLog implements cri.Runtime: there are no logs.
func (r *Runtime) ReopenContainerLog(context.Context, string) error { return nil }

// ExecSync implements cri.Runtime.
func (r *Runtime) ExecSync(ctx context.Context, id string, cmd []string, _ time.Duration) (stdout, stderr []byte, code int32, err error) {
	var out, errs bytes.Buffer
	code, err = r.Exec(ctx, id, cmd, cri.Streams{Stdout: &out, Stderr: &errs})
	return out.Bytes(), errs.Bytes(), code, err
}

// Exec implements cri.Runtime.
func (r *Runtime) Exec(_ context.Context, id string, cmd []string, s cri.Streams) (int32, error) {
	_, _, cfg, err := r.ledger.Container(id)
	if err != nil || r.cfg.Exec == nil {
		return 0, err
	}
	return r.cfg.Exec(cfg, cmd, s)
}

// ContainerStats implements cri.Runtime: all zero.
func (r *Runtime) ContainerStats(_ context.Context, id string) (*v1.ContainerStats, error) {
	return r.ledger.Stats(id)
}

// ListContainerStats implements cri.Runtime.
func (r *Runtime) ListContainerStats(_ context.Context, f *v1.ContainerStatsFilter) ([]*v1.ContainerStats, error) {
	return r.ledger.AllStats(f), nil
}
