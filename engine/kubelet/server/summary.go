package server

// Upstream: pkg/kubelet/server/stats/summary.go, pkg/kubelet/stats/cri_stats_provider.go

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
	stats "k8s.io/kubelet/pkg/apis/stats/v1alpha1"

	"kubergarten/engine/cri"
	kubetypes "kubergarten/engine/kubelet/types"
)

// Summary is what the running containers of the node use now. Of a program that is part
// of this process nothing is known, and nothing is said: it has no CPU and no
// memory. The node's figures are the sums of its pods'.
func (s *Server) Summary(ctx context.Context) (*stats.Summary, error) {
	var all []*v1.ContainerStats
	for _, r := range s.Runtimes {
		some, err := runningStats(ctx, r)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	sum := &stats.Summary{Node: stats.NodeStats{NodeName: s.NodeName, StartTime: metav1.NewTime(s.Started)}, Pods: podStats(all)}
	for _, p := range sum.Pods {
		sum.Node.CPU, sum.Node.Memory = addCPU(sum.Node.CPU, p.CPU), addMemory(sum.Node.Memory, p.Memory)
	}
	return sum, nil
}

// runningStats is what the running containers of a runtime use; a terminated one
// would still count what it has used.
func runningStats(ctx context.Context, r cri.Runtime) ([]*v1.ContainerStats, error) {
	list, err := r.ListContainers(ctx, &v1.ContainerFilter{State: &v1.ContainerStateValue{State: v1.ContainerState_CONTAINER_RUNNING}})
	if err != nil {
		return nil, fmt.Errorf("failed to list all containers: %w", err)
	}
	running := map[string]bool{}
	for _, c := range list {
		running[c.Id] = true
	}
	all, err := r.ListContainerStats(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("failed to list all container stats: %w", err)
	}
	return slices.DeleteFunc(all, func(c *v1.ContainerStats) bool { return !running[c.GetAttributes().GetId()] }), nil
}

// podStats puts the containers to their pods, by name.
func podStats(all []*v1.ContainerStats) []stats.PodStats {
	pods := map[stats.PodReference]*stats.PodStats{}
	for _, c := range all {
		labels := c.GetAttributes().GetLabels()
		ref := stats.PodReference{
			Name: labels[kubetypes.KubernetesPodNameLabel], Namespace: labels[kubetypes.KubernetesPodNamespaceLabel],
			UID: labels[kubetypes.KubernetesPodUIDLabel],
		}
		if ref.Name == "" {
			continue
		}
		if pods[ref] == nil {
			pods[ref] = &stats.PodStats{PodRef: ref}
		}
		p, of := pods[ref], containerStats(c)
		p.Containers = append(p.Containers, of)
		p.CPU, p.Memory = addCPU(p.CPU, of.CPU), addMemory(p.Memory, of.Memory)
	}
	var out []stats.PodStats
	for _, p := range pods {
		slices.SortFunc(p.Containers, func(a, b stats.ContainerStats) int { return cmp.Compare(a.Name, b.Name) })
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b stats.PodStats) int {
		return cmp.Or(cmp.Compare(a.PodRef.Namespace, b.PodRef.Namespace), cmp.Compare(a.PodRef.Name, b.PodRef.Name))
	})
	return out
}

func containerStats(c *v1.ContainerStats) stats.ContainerStats {
	out := stats.ContainerStats{Name: c.GetAttributes().GetLabels()[kubetypes.KubernetesContainerNameLabel]}
	if m := c.GetMemory(); m.GetWorkingSetBytes().GetValue() > 0 {
		out.Memory = &stats.MemoryStats{
			Time: at(m.Timestamp), WorkingSetBytes: &m.WorkingSetBytes.Value, UsageBytes: valueOf(m.UsageBytes),
			RSSBytes: valueOf(m.RssBytes), AvailableBytes: valueOf(m.AvailableBytes),
		}
	}
	if u := c.GetCpu(); u.GetUsageCoreNanoSeconds().GetValue() > 0 {
		out.CPU = &stats.CPUStats{Time: at(u.Timestamp), UsageCoreNanoSeconds: &u.UsageCoreNanoSeconds.Value, UsageNanoCores: valueOf(u.UsageNanoCores)}
	}
	return out
}

func at(nano int64) metav1.Time { return metav1.NewTime(time.Unix(0, nano)) }

func valueOf(v *v1.UInt64Value) *uint64 {
	if v == nil {
		return nil
	}
	return &v.Value
}

// addCPU adds what is known; nil is unknown.
func addCPU(a, b *stats.CPUStats) *stats.CPUStats {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return &stats.CPUStats{
		Time: a.Time, UsageNanoCores: plus(a.UsageNanoCores, b.UsageNanoCores),
		UsageCoreNanoSeconds: plus(a.UsageCoreNanoSeconds, b.UsageCoreNanoSeconds),
	}
}

// addMemory is addCPU for memory.
func addMemory(a, b *stats.MemoryStats) *stats.MemoryStats {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return &stats.MemoryStats{
		Time: a.Time, WorkingSetBytes: plus(a.WorkingSetBytes, b.WorkingSetBytes), UsageBytes: plus(a.UsageBytes, b.UsageBytes),
		RSSBytes: plus(a.RSSBytes, b.RSSBytes),
	}
}

func plus(a, b *uint64) *uint64 {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	sum := *a + *b
	return &sum
}
