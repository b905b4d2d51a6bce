package kubelet

// Upstream: pkg/kubelet/kubelet_pods.go (HandlePodCleanups), kubelet_volumes.go

import (
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	kubetypes "kubergarten/engine/kubelet/types"
)

// removeRemains removes what the node has of a pod that nobody asks about any
// more: its containers, its logs.
func (k *Kubelet) removeRemains(pod *corev1.Pod) {
	ctx := context.Background()
	if err := k.runtime.RemovePod(ctx, pod.UID); err != nil {
		k.deps.Log.ErrorContext(ctx, "Failed to remove pod", "pod", kubetypes.Format(pod), "err", err)
	}
	if err := k.cfg.Root.RemoveAll(rel(k.runtime.PodLogs(pod))); err != nil {
		k.deps.Log.ErrorContext(ctx, "Failed to remove pod logs", "pod", kubetypes.Format(pod), "err", err)
	}
}

// wanted reports whether somebody still asks about the pod.
func (k *Kubelet) wanted(uid types.UID) bool {
	_, ok := k.pods.get(uid)
	return ok || k.workers.known(uid)
}

// cleanUp removes what is left of pods that nobody knows, as after a restart.
// Before all sources have spoken nobody can say who that is.
func (k *Kubelet) cleanUp(ctx context.Context) {
	if !k.fromAPI.Load() {
		return
	}
	for _, uid := range k.volumes.Orphans(k.wanted) {
		if err := k.volumes.Unmount(uid); err != nil {
			k.deps.Log.ErrorContext(ctx, "Failed to remove orphaned pod directory", "uid", uid, "err", err)
		}
	}
	k.runtime.RemoveLogs(k.wanted)
	left, err := k.runtime.Pods(ctx)
	if err != nil {
		k.deps.Log.ErrorContext(ctx, "Failed to list pods of the runtime", "err", err)
	}
	for uid := range left {
		if !k.wanted(uid) {
			if err := k.runtime.RemovePod(ctx, uid); err != nil {
				k.deps.Log.ErrorContext(ctx, "Failed to remove orphaned pod", "uid", uid, "err", err)
			}
		}
	}
	k.removeOrphanMirrors(ctx)
}

func (k *Kubelet) removeOrphanMirrors(ctx context.Context) {
	for _, mirror := range k.pods.allMirrors() {
		if _, ok := k.pods.static(kubetypes.FullName(mirror)); !ok {
			k.deleteMirror(ctx, mirror)
		}
	}
}

// allMirrors returns all mirror pods.
func (m *podManager) allMirrors() []*corev1.Pod {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*corev1.Pod
	for _, pod := range m.mirrors {
		out = append(out, pod)
	}
	return out
}

// mounts remembers where the volumes of pods are.
type mounts struct {
	mu sync.Mutex
	m  map[types.UID]map[string]string
}

func newMounts() *mounts { return &mounts{m: map[types.UID]map[string]string{}} }

// set reports whether the pod had none before.
func (m *mounts) set(uid types.UID, paths map[string]string) (first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.m[uid]
	m.m[uid] = paths
	return !ok
}

func (m *mounts) get(uid types.UID) map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.m[uid]
}

func (m *mounts) forget(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.m, uid)
}
