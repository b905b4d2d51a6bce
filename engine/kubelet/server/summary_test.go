package server

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
	kubetypes "kubergarten/engine/kubelet/types"
)

// measured is a runtime that knows what its containers use.
type measured struct {
	cri.Runtime
	all []*v1.ContainerStats
}

func (m measured) ListContainerStats(context.Context, *v1.ContainerStatsFilter) ([]*v1.ContainerStats, error) {
	return m.all, nil
}

// uses is what a container uses; zero is not known.
func uses(pod, container string, nanoCores, bytes uint64) *v1.ContainerStats {
	return &v1.ContainerStats{
		Attributes: &v1.ContainerAttributes{Labels: map[string]string{
			kubetypes.KubernetesPodNameLabel: pod, kubetypes.KubernetesPodNamespaceLabel: "default", kubetypes.KubernetesContainerNameLabel: container,
		}},
		Cpu:    &v1.CpuUsage{UsageCoreNanoSeconds: &v1.UInt64Value{Value: 10 * nanoCores}, UsageNanoCores: &v1.UInt64Value{Value: nanoCores}},
		Memory: &v1.MemoryUsage{WorkingSetBytes: &v1.UInt64Value{Value: bytes}},
	}
}

func TestSummary(t *testing.T) {
	s := New(Config{NodeName: "node-1", Runtimes: []cri.Runtime{
		measured{all: []*v1.ContainerStats{uses("web", "b", 20, 200), uses("db", "main", 5, 50), uses("web", "a", 1, 10), {}}},
		measured{all: []*v1.ContainerStats{uses("kube-proxy", "kube-proxy", 0, 0)}},
	}})
	sum, err := s.Summary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]uint64{"node": {*sum.Node.CPU.UsageNanoCores, *sum.Node.Memory.WorkingSetBytes}}
	var order []string
	for _, p := range sum.Pods {
		order = append(order, p.PodRef.Name)
		if p.CPU == nil {
			continue
		}
		got[p.PodRef.Name] = [2]uint64{*p.CPU.UsageNanoCores, *p.Memory.WorkingSetBytes}
		for _, c := range p.Containers {
			got[p.PodRef.Name+"/"+c.Name] = [2]uint64{*c.CPU.UsageNanoCores, *c.Memory.WorkingSetBytes}
		}
	}
	want := map[string][2]uint64{
		"node": {26, 260}, "web": {21, 210}, "web/a": {1, 10}, "web/b": {20, 200}, "db": {5, 50}, "db/main": {5, 50},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"db", "kube-proxy", "web"}, order); d != "" {
		t.Error(d)
	}
}
