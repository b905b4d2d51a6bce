package kubelet

import (
	"context"

	"kubergarten/engine/component"
	"kubergarten/engine/kubelet/server"
)

// Kubelet is the agent of one node.
type Kubelet struct {
	cfg  Config
	deps Deps
	srv  *server.Server
}

var _ component.Component = (*Kubelet)(nil)

// New returns a kubelet that does nothing until it is run.
func New(cfg Config, deps Deps) (*Kubelet, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	if err := deps.complete(); err != nil {
		return nil, err
	}
	return &Kubelet{cfg: cfg, deps: deps, srv: &server.Server{}}, nil
}

// Name implements component.Component.
func (k *Kubelet) Name() string { return Name }

// Server answers the API server: logs, exec, attach, port-forward.
func (k *Kubelet) Server() *server.Server { return k.srv }

// Run is the node's life until ctx is done. Its containers are stopped by their runtime.
func (k *Kubelet) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
