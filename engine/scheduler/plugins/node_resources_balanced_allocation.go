package plugins

// Upstream: pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go

import (
	"context"
	"math"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/scheduler/framework"
)

// NodeResourcesBalancedAllocation prefers nodes whose CPU and memory would be
// used in more equal shares with the pod than without it.
type NodeResourcesBalancedAllocation struct{}

var (
	_ framework.PreScorePlugin = NodeResourcesBalancedAllocation{}
	_ framework.ScorePlugin    = NodeResourcesBalancedAllocation{}
)

// Name returns the plugin's name.
func (NodeResourcesBalancedAllocation) Name() string { return "NodeResourcesBalancedAllocation" }

// PreScore skips pods that request nothing.
func (NodeResourcesBalancedAllocation) PreScore(_ context.Context, _ *framework.CycleState, pod *corev1.Pod, _ []*framework.NodeInfo) *framework.Status {
	r := framework.PodRequests(pod)
	if r[corev1.ResourceCPU] == 0 && r[corev1.ResourceMemory] == 0 {
		return framework.NewStatus(framework.Skip)
	}
	return nil
}

// Score is about 75 if the balance stays as it is, up to 100 if it gets better,
// down to 50 if it gets worse.
func (NodeResourcesBalancedAllocation) Score(_ context.Context, _ *framework.CycleState, pod *corev1.Pod, node *framework.NodeInfo) (int64, *framework.Status) {
	with := balance(node, framework.PodRequests(pod))
	without := balance(node, nil)
	return framework.MaxNodeScore/2 + (framework.MaxNodeScore/2+with-without)/2, nil
}

// balance is 100 less the spread of the shares in use, in percent.
func balance(node *framework.NodeInfo, more framework.Resources) int64 {
	var shares []float64
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		if capacity := node.Allocatable[name]; capacity > 0 {
			shares = append(shares, min(1, float64(node.Requested[name]+more[name])/float64(capacity)))
		}
	}
	spread := 0.0
	if len(shares) == 2 {
		spread = math.Abs(shares[0]-shares[1]) / 2
	}
	return int64((1 - spread) * float64(framework.MaxNodeScore))
}
