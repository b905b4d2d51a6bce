package cri

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// Sandbox returns the status of a sandbox and the configuration it was made with.
func (l *Ledger) Sandbox(id string) (*v1.PodSandboxStatus, *v1.PodSandboxConfig, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.sandboxes[id]
	if !ok {
		return nil, nil, fmt.Errorf("sandbox %q: %w", id, ErrNotFound)
	}
	return s.status(), s.cfg, nil
}

// Container returns the status of a container, its sandbox's ID and the
// configuration it was made with.
func (l *Ledger) Container(id string) (*v1.ContainerStatus, string, *v1.ContainerConfig, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.containers[id]
	if !ok {
		return nil, "", nil, fmt.Errorf("container %q: %w", id, ErrNotFound)
	}
	return c.status(), c.sandbox, c.cfg, nil
}

// Stats returns the statistics of a container of whose use nothing is known: zero.
func (l *Ledger) Stats(id string) (*v1.ContainerStats, error) {
	_, _, cfg, err := l.Container(id)
	if err != nil {
		return nil, err
	}
	now := l.now().UnixNano()
	return &v1.ContainerStats{
		Attributes: &v1.ContainerAttributes{Id: id, Metadata: cfg.GetMetadata(), Labels: cfg.GetLabels(), Annotations: cfg.GetAnnotations()},
		Cpu:        &v1.CpuUsage{Timestamp: now, UsageCoreNanoSeconds: &v1.UInt64Value{}},
		Memory:     &v1.MemoryUsage{Timestamp: now, WorkingSetBytes: &v1.UInt64Value{}},
	}, nil
}

// AllStats returns the Stats of the containers that the filter selects.
func (l *Ledger) AllStats(f *v1.ContainerStatsFilter) []*v1.ContainerStats {
	var out []*v1.ContainerStats
	for _, c := range l.Containers(&v1.ContainerFilter{Id: f.GetId(), PodSandboxId: f.GetPodSandboxId(), LabelSelector: f.GetLabelSelector()}) {
		if st, err := l.Stats(c.Id); err == nil {
			out = append(out, st)
		}
	}
	return out
}

// Sandboxes returns what the filter selects, newest first.
func (l *Ledger) Sandboxes(f *v1.PodSandboxFilter) []*v1.PodSandbox {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []*sandboxEntry
	for _, s := range l.sandboxes {
		if s.match(f) {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b *sandboxEntry) int { return cmp.Compare(b.seq, a.seq) })
	out := make([]*v1.PodSandbox, len(found))
	for i, s := range found {
		out[i] = &v1.PodSandbox{
			Id: s.id, Metadata: s.cfg.GetMetadata(), State: s.state, CreatedAt: s.created.UnixNano(),
			Labels: s.cfg.GetLabels(), Annotations: s.cfg.GetAnnotations(), RuntimeHandler: s.handler,
		}
	}
	return out
}

// Containers returns what the filter selects, newest first.
func (l *Ledger) Containers(f *v1.ContainerFilter) []*v1.Container {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []*containerEntry
	for _, c := range l.containers {
		if c.match(f) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *containerEntry) int { return cmp.Compare(b.seq, a.seq) })
	out := make([]*v1.Container, len(found))
	for i, c := range found {
		out[i] = &v1.Container{
			Id: c.id, PodSandboxId: c.sandbox, Metadata: c.cfg.GetMetadata(), Image: c.cfg.GetImage(), ImageRef: c.imageRef,
			State: c.state, CreatedAt: c.created.UnixNano(), Labels: c.cfg.GetLabels(), Annotations: c.cfg.GetAnnotations(),
		}
	}
	return out
}

func (s *sandboxEntry) match(f *v1.PodSandboxFilter) bool {
	return f == nil ||
		(f.Id == "" || f.Id == s.id) &&
			(f.State == nil || f.State.State == s.state) &&
			labelsMatch(f.LabelSelector, s.cfg.GetLabels())
}

func (c *containerEntry) match(f *v1.ContainerFilter) bool {
	return f == nil ||
		(f.Id == "" || f.Id == c.id) &&
			(f.PodSandboxId == "" || f.PodSandboxId == c.sandbox) &&
			(f.State == nil || f.State.State == c.state) &&
			labelsMatch(f.LabelSelector, c.cfg.GetLabels())
}

func labelsMatch(want, have map[string]string) bool {
	for k, v := range want {
		if have[k] != v {
			return false
		}
	}
	return true
}

func (s *sandboxEntry) status() *v1.PodSandboxStatus {
	return &v1.PodSandboxStatus{
		Id: s.id, Metadata: s.cfg.GetMetadata(), State: s.state, CreatedAt: s.created.UnixNano(), Network: s.network,
		Linux: &v1.LinuxPodSandboxStatus{Namespaces: &v1.Namespace{
			Options: s.cfg.GetLinux().GetSecurityContext().GetNamespaceOptions(),
		}},
		Labels: s.cfg.GetLabels(), Annotations: s.cfg.GetAnnotations(), RuntimeHandler: s.handler,
	}
}

func (c *containerEntry) status() *v1.ContainerStatus {
	image := c.cfg.GetImage()
	if user := image.GetUserSpecifiedImage(); user != "" {
		image = &v1.ImageSpec{Image: user, UserSpecifiedImage: user, Annotations: image.GetAnnotations()}
	}
	return &v1.ContainerStatus{
		Id: c.id, Metadata: c.cfg.GetMetadata(), State: c.state,
		CreatedAt: nano(c.created), StartedAt: nano(c.started), FinishedAt: nano(c.finished),
		ExitCode: c.exit.Code, Reason: c.exit.Reason, Message: c.exit.Message,
		Image: image, ImageRef: c.imageRef, ImageId: c.imageRef,
		Labels: c.cfg.GetLabels(), Annotations: c.cfg.GetAnnotations(),
		Mounts: c.cfg.GetMounts(), LogPath: c.logPath, Resources: c.resources,
	}
}

func nano(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
