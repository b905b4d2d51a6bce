package server

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
	kubetypes "kubergarten/engine/kubelet/types"
)

// measured is a runtime that knows what its containers use.
type measured struct {
	cri.Runtime
	all  []*v1.ContainerStats
	dead []string // the IDs of those that have ended
}

func (m measured) ListContainers(_ context.Context, f *v1.ContainerFilter) (out []*v1.Container, _ error) {
	for _, c := range m.all {
		id, state := c.GetAttributes().GetId(), v1.ContainerState_CONTAINER_RUNNING
		if slices.Contains(m.dead, id) {
			state = v1.ContainerState_CONTAINER_EXITED
		}
		if f.GetState() == nil || f.State.State == state {
			out = append(out, &v1.Container{Id: id, State: state})
		}
	}
	return out, nil
}

func (m measured) ListContainerStats(context.Context, *v1.ContainerStatsFilter) ([]*v1.ContainerStats, error) {
	return slices.Clone(m.all), nil
}

// uses is what a container uses; zero is not known.
func uses(pod, container string, nanoCores, bytes uint64) *v1.ContainerStats {
	return &v1.ContainerStats{
		Attributes: &v1.ContainerAttributes{Id: fmt.Sprint(pod, container, bytes), Labels: map[string]string{
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
		measured{ // one that was restarted, and a pod that is done
			all:  []*v1.ContainerStats{uses("web", "c", 4, 400), uses("web", "c", 2, 40), uses("job", "main", 8, 800)},
			dead: []string{"webc400", "jobmain800"},
		},
	}})
	sum, err := s.Summary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]uint64{"node": {*sum.Node.CPU.UsageNanoCores, *sum.Node.Memory.WorkingSetBytes}}
	var order, names []string
	for _, p := range sum.Pods {
		order = append(order, p.PodRef.Name)
		if p.CPU == nil {
			continue
		}
		got[p.PodRef.Name] = [2]uint64{*p.CPU.UsageNanoCores, *p.Memory.WorkingSetBytes}
		for _, c := range p.Containers {
			names = append(names, p.PodRef.Name+"/"+c.Name)
			got[p.PodRef.Name+"/"+c.Name] = [2]uint64{*c.CPU.UsageNanoCores, *c.Memory.WorkingSetBytes}
		}
	}
	want := map[string][2]uint64{
		"node": {28, 300}, "web": {23, 250}, "web/a": {1, 10}, "web/b": {20, 200}, "web/c": {2, 40}, "db": {5, 50}, "db/main": {5, 50},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"db/main", "web/a", "web/b", "web/c"}, names); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"db", "kube-proxy", "web"}, order); d != "" {
		t.Error(d)
	}
}
