package kubelet

// Upstream: pkg/kubelet/logs/container_log_manager.go

import (
	"context"

	"k8s.io/apimachinery/pkg/api/resource"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
	"kubergarten/engine/kubelet/logs"
)

// rotateLogs rotates the logs of running containers that have grown too big.
func (k *Kubelet) rotateLogs(ctx context.Context) {
	size, err := resource.ParseQuantity(k.cfg.Kubelet.ContainerLogMaxSize)
	if err != nil {
		k.deps.Log.ErrorContext(ctx, "Cannot rotate logs", "containerLogMaxSize", k.cfg.Kubelet.ContainerLogMaxSize, "err", err)
		return
	}
	running := &v1.ContainerFilter{State: &v1.ContainerStateValue{State: v1.ContainerState_CONTAINER_RUNNING}}
	for _, r := range k.plegs().Runtimes {
		all, err := r.ListContainers(ctx, running)
		if err != nil {
			k.deps.Log.ErrorContext(ctx, "Failed to rotate container logs", "err", err)
			continue
		}
		for _, c := range all {
			k.rotateLog(ctx, r, c.Id, size.Value())
		}
	}
}

func (k *Kubelet) rotateLog(ctx context.Context, r cri.Runtime, id string, size int64) {
	st, err := r.ContainerStatus(ctx, id)
	if err != nil || st.LogPath == "" {
		return
	}
	reopen := func(ctx context.Context) error { return r.ReopenContainerLog(ctx, id) }
	if err := logs.Rotate(ctx, k.cfg.Root, rel(st.LogPath), size, int(*k.cfg.Kubelet.ContainerLogMaxFiles), k.deps.Clock.Now(), reopen); err != nil {
		k.deps.Log.ErrorContext(ctx, "Failed to rotate log for container", "container", id, "err", err)
	}
}
