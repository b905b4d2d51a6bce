package runtime

import (
	"context"
	"fmt"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
)

// cpuSample is what a container's rate of CPU use is measured from.
type cpuSample struct {
	at    time.Time
	usage time.Duration
	nano  uint64 // the rate when it was last measured
}

// ContainerStats implements cri.Runtime.
func (r *Runtime) ContainerStats(_ context.Context, id string) (*v1.ContainerStats, error) {
	c, ok := r.container(id)
	if !ok {
		return nil, fmt.Errorf("failed to find container %q: %w", id, cri.ErrNotFound)
	}
	return r.stats(c), nil
}

// ListContainerStats implements cri.Runtime.
func (r *Runtime) ListContainerStats(_ context.Context, f *v1.ContainerStatsFilter) ([]*v1.ContainerStats, error) {
	var out []*v1.ContainerStats
	for _, e := range r.ledger.Containers(&v1.ContainerFilter{Id: f.GetId(), PodSandboxId: f.GetPodSandboxId(), LabelSelector: f.GetLabelSelector()}) {
		if c, ok := r.container(e.Id); ok {
			out = append(out, r.stats(c))
		}
	}
	return out, nil
}

func (r *Runtime) stats(c *container) *v1.ContainerStats {
	now := r.cfg.Clock.Now()
	used, _ := c.memory.Usage()
	bytes, inodes := c.fs.Usage()
	usage := c.cpu.Usage()
	memory := &v1.MemoryUsage{
		Timestamp: now.UnixNano(), WorkingSetBytes: count(used), UsageBytes: count(used), RssBytes: count(used),
	}
	if limit := c.memory.Limit(); limit > 0 {
		memory.AvailableBytes = count(limit - used)
	}
	return &v1.ContainerStats{
		Attributes: &v1.ContainerAttributes{Id: c.id, Metadata: c.cfg.GetMetadata(), Labels: c.cfg.GetLabels(), Annotations: c.cfg.GetAnnotations()},
		Cpu:        &v1.CpuUsage{Timestamp: now.UnixNano(), UsageCoreNanoSeconds: count(int64(usage)), UsageNanoCores: &v1.UInt64Value{Value: c.rate(now, usage)}},
		Memory:     memory,
		WritableLayer: &v1.FilesystemUsage{
			Timestamp: now.UnixNano(), FsId: &v1.FilesystemIdentifier{Mountpoint: imageFs}, UsedBytes: count(bytes), InodesUsed: count(inodes),
		},
	}
}

func count(n int64) *v1.UInt64Value { return &v1.UInt64Value{Value: uint64(max(n, 0))} }

// rate is how much CPU the container has used per second since the last time
// this was asked, at least a second ago.
func (c *container) rate(now time.Time, usage time.Duration) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.sample
	switch d := now.Sub(s.at); {
	case s.at.IsZero():
		*s = cpuSample{at: now, usage: usage}
	case d >= time.Second:
		*s = cpuSample{at: now, usage: usage, nano: uint64(float64(usage-s.usage) / d.Seconds())}
	}
	return s.nano
}
