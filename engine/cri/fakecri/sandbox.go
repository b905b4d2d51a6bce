package fakecri

import (
	"context"
	"errors"
	"fmt"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
)

// RunPodSandbox implements cri.Runtime.
func (r *Runtime) RunPodSandbox(ctx context.Context, cfg *v1.PodSandboxConfig, handler string) (string, error) {
	r.called("RunPodSandbox %s", cfg.GetMetadata().GetName())
	if r.cfg.SandboxError != nil {
		if err := r.cfg.SandboxError(cfg); err != nil {
			return "", err
		}
	}
	id := cri.NewID()
	network, err := r.network(ctx, id, cfg)
	if err != nil {
		return "", err
	}
	r.ledger.AddSandbox(id, cfg, handler, network)
	return id, nil
}

// network gives the sandbox an address, unless it takes the node's.
func (r *Runtime) network(ctx context.Context, id string, cfg *v1.PodSandboxConfig) (*v1.PodSandboxNetworkStatus, error) {
	if cfg.GetLinux().GetSecurityContext().GetNamespaceOptions().GetNetwork() == v1.NamespaceMode_NODE {
		return nil, nil
	}
	if st, _ := r.Status(ctx); !st.Status.Conditions[1].Status {
		return nil, errors.New("failed to setup network for sandbox: cni plugin not initialized")
	}
	if r.cfg.Network != nil {
		m := cfg.GetMetadata()
		ns, err := r.cfg.Network.Add(ctx, id, m.GetNamespace(), m.GetName())
		if err != nil {
			return nil, fmt.Errorf("failed to setup network for sandbox %q: %w", id, err)
		}
		return &v1.PodSandboxNetworkStatus{Ip: ns.IP().String()}, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	return &v1.PodSandboxNetworkStatus{Ip: fmt.Sprintf("10.244.%d.%d", 1+r.next/250, 2+r.next%250)}, nil
}

// StopPodSandbox implements cri.Runtime.
func (r *Runtime) StopPodSandbox(ctx context.Context, id string) error {
	for _, c := range r.ledger.Containers(&v1.ContainerFilter{PodSandboxId: id}) {
		if c.State == v1.ContainerState_CONTAINER_RUNNING {
			r.exit(c.Id, cri.Exit{Code: 137, Reason: "Error"})
		}
	}
	if r.cfg.Network != nil {
		if err := r.cfg.Network.Del(ctx, id); err != nil {
			return err
		}
	}
	r.ledger.StopSandbox(id)
	return nil
}

// RemovePodSandbox implements cri.Runtime.
func (r *Runtime) RemovePodSandbox(ctx context.Context, id string) error {
	_ = r.StopPodSandbox(ctx, id)
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
