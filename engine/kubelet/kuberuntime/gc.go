package kuberuntime

// Upstream: pkg/kubelet/kuberuntime/kuberuntime_gc.go

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/kubelet/container"
)

// collect removes what nobody will ask about: of each container all dead ones
// but the newest, and old sandboxes with nothing in them.
func (m *Manager) collect(ctx context.Context, e *engine, p *container.PodStatus) {
	dead := map[string]int{}
	keep := map[string]bool{} // sandboxes
	for _, st := range p.Containers {
		if st.State == container.Exited || st.State == container.Created {
			if dead[st.Name]++; dead[st.Name] > 1 {
				m.removeContainer(ctx, e, st)
				continue
			}
		}
		keep[st.SandboxID] = true
	}
	for i, s := range p.Sandboxes {
		if i > 0 && !keep[s.Id] && s.State != v1.PodSandboxState_SANDBOX_READY {
			if err := e.RemovePodSandbox(ctx, s.Id); err != nil {
				m.Log.WarnContext(ctx, "Failed to remove sandbox", "sandbox", s.Id, "err", err)
			}
		}
	}
}

// removeContainer removes the container and its log.
func (m *Manager) removeContainer(ctx context.Context, e *engine, st *container.Status) {
	if err := e.RemoveContainer(ctx, st.ID.ID); err != nil {
		m.Log.WarnContext(ctx, "Failed to remove container", "container", st.Name, "err", err)
		return
	}
	if st.LogPath == "" {
		return
	}
	_ = m.Root.Remove(rel(st.LogPath)) // it may never have written
	m.removeRotated(st.LogPath)
}

// removeRotated removes "0.log.20260102-150405" and the like.
func (m *Manager) removeRotated(log string) {
	dir, err := m.Root.Open(rel(path.Dir(log)))
	if err != nil {
		return
	}
	defer func() { _ = dir.Close() }()
	names, _ := dir.Readdirnames(-1)
	for _, name := range names {
		if strings.HasPrefix(name, path.Base(log)+".") {
			_ = m.Root.Remove(rel(path.Join(path.Dir(log), name)))
		}
	}
}

// removeOldLogs removes from a container's directory the logs before those of
// the attempt that preceded this one. The runtime has forgotten their
// containers if the server has been restarted, so removeContainer misses them.
func (m *Manager) removeOldLogs(dir string, attempt int) {
	entries, err := fs.ReadDir(m.Root.FS(), rel(dir))
	if err != nil {
		return
	}
	for _, e := range entries {
		if n, ok := attemptOf(e.Name()); ok && n < attempt-1 {
			_ = m.Root.Remove(rel(path.Join(dir, e.Name())))
		}
	}
}

// attemptOf is the attempt whose log has the name: 3 of "3.log" and of the
// rotated "3.log.20260102-150405".
func attemptOf(name string) (int, bool) {
	number, rest, ok := strings.Cut(name, ".log")
	if !ok || rest != "" && rest[0] != '.' {
		return 0, false
	}
	n, err := strconv.Atoi(number)
	return n, err == nil && n >= 0
}

// RemovePod removes all that the runtimes have of the pod. Its logs stay.
func (m *Manager) RemovePod(ctx context.Context, uid types.UID) error {
	var errs []error
	for _, e := range m.runtimes {
		containers, err := e.ListContainers(ctx, &v1.ContainerFilter{LabelSelector: byPod(uid)})
		errs = append(errs, err)
		for _, c := range containers {
			errs = append(errs, e.RemoveContainer(ctx, c.Id))
		}
		sandboxes, err := e.ListPodSandbox(ctx, &v1.PodSandboxFilter{LabelSelector: byPod(uid)})
		errs = append(errs, err)
		for _, s := range sandboxes {
			errs = append(errs, e.StopPodSandbox(ctx, s.Id), e.RemovePodSandbox(ctx, s.Id))
		}
	}
	return errors.Join(errs...)
}

// RemoveLogs removes the logs of pods that keep does not want.
func (m *Manager) RemoveLogs(keep func(types.UID) bool) {
	dir, err := m.Root.Open(rel(m.PodLogsDir))
	if err != nil {
		return
	}
	defer func() { _ = dir.Close() }()
	names, _ := dir.Readdirnames(-1)
	for _, name := range names {
		if i := strings.LastIndexByte(name, '_'); i >= 0 && !keep(types.UID(name[i+1:])) {
			_ = m.Root.RemoveAll(rel(path.Join(m.PodLogsDir, name)))
		}
	}
}

// rel turns a path of the virtual node into one below its root.
func rel(virtual string) string {
	p := strings.TrimPrefix(path.Clean("/"+virtual), "/")
	if p == "" {
		return "."
	}
	return p
}
