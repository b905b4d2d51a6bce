package plugins

// Upstream: pkg/scheduler/framework/plugins/noderesources/fit.go, least_allocated.go

import (
	"context"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/scheduler/framework"
)

// NodeResourcesFit refuses nodes that have not enough left of what the pod
// requests, and prefers those with most left of CPU and memory.
type NodeResourcesFit struct{}

var (
	_ framework.PreFilterPlugin = NodeResourcesFit{}
	_ framework.FilterPlugin    = NodeResourcesFit{}
	_ framework.ScorePlugin     = NodeResourcesFit{}
)

const fitKey = "PreFilterNodeResourcesFit"

// Name returns the plugin's name.
func (NodeResourcesFit) Name() string { return "NodeResourcesFit" }

// Events returns what may help.
func (NodeResourcesFit) Events() framework.Event {
	return framework.NodeAdded | framework.NodeAllocatableChanged | framework.AssignedPodDeleted | framework.PodChanged
}

// PreFilter adds up what the pod requests.
func (NodeResourcesFit) PreFilter(_ context.Context, state *framework.CycleState, pod *corev1.Pod, _ []*framework.NodeInfo) (map[string]bool, *framework.Status) {
	state.Write(fitKey, framework.PodRequests(pod))
	return nil, nil
}

// Filter refuses nodes that have not enough left.
func (NodeResourcesFit) Filter(_ context.Context, state *framework.CycleState, pod *corev1.Pod, node *framework.NodeInfo) *framework.Status {
	requests, ok := framework.Read[framework.Resources](state, fitKey)
	if !ok {
		requests = framework.PodRequests(pod)
	}
	lacks, hopeless := Lacks(requests, node)
	if len(lacks) == 0 {
		return nil
	}
	if hopeless {
		return framework.NewStatus(framework.UnschedulableAndUnresolvable, lacks...)
	}
	return framework.NewStatus(framework.Unschedulable, lacks...)
}

// Lacks says what the node has not enough of, as "Insufficient cpu". hopeless
// is true if it would not even if it were empty.
func Lacks(requests framework.Resources, node *framework.NodeInfo) (lacks []string, hopeless bool) {
	if int64(len(node.Pods))+1 > node.Allocatable[corev1.ResourcePods] {
		lacks = append(lacks, "Too many pods")
	}
	for _, name := range inOrder(requests) {
		want := requests[name]
		if want > 0 && want > node.Allocatable[name]-node.Requested[name] {
			lacks = append(lacks, fmt.Sprintf("Insufficient %v", name))
			hopeless = hopeless || want > node.Allocatable[name]
		}
	}
	return lacks, hopeless
}

// inOrder is cpu, memory, ephemeral-storage, then the others by name.
func inOrder(r framework.Resources) []corev1.ResourceName {
	names := []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage}
	for _, n := range slices.Sorted(maps.Keys(r)) {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// Score is the mean of the shares of CPU and memory that would be left.
func (NodeResourcesFit) Score(_ context.Context, _ *framework.CycleState, pod *corev1.Pod, node *framework.NodeInfo) (int64, *framework.Status) {
	requests := framework.NonZeroRequests(pod)
	var sum, kinds int64
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		capacity := node.Allocatable[name]
		if capacity == 0 {
			continue
		}
		left := max(0, capacity-node.NonZero[name]-requests[name])
		sum, kinds = sum+left*framework.MaxNodeScore/capacity, kinds+1
	}
	if kinds == 0 {
		return 0, nil
	}
	return sum / kinds, nil
}
