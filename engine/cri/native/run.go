package native

import (
	"context"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/component"
)

var _ component.Component = (*Runtime)(nil)

// patience is how long programs may take to end when the node is switched off.
const patience = 10 * time.Second

// Name implements component.Component.
func (r *Runtime) Name() string { return "native" }

// Run lets containers run until ctx is done; then it tells all of them to end,
// and waits for them.
func (r *Runtime) Run(ctx context.Context) error {
	<-ctx.Done()
	ctx = context.WithoutCancel(ctx)
	running := r.ledger.Containers(&v1.ContainerFilter{State: &v1.ContainerStateValue{State: v1.ContainerState_CONTAINER_RUNNING}})
	ended := make(chan error, len(running))
	for _, c := range running {
		go func() { ended <- r.StopContainer(ctx, c.Id, patience) }()
	}
	for range running {
		<-ended
	}
	return nil
}
