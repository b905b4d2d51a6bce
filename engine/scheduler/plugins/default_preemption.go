package plugins

// Upstream: pkg/scheduler/framework/plugins/defaultpreemption, pkg/scheduler/framework/preemption

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/scheduler/framework"
)

// DefaultPreemption says, in upstream's words, why taking pods away would not
// help. It takes none away: where it could, it says that it does not.
type DefaultPreemption struct{}

var _ framework.PostFilterPlugin = DefaultPreemption{}

// Name returns the plugin's name.
func (DefaultPreemption) Name() string { return "DefaultPreemption" }

// PostFilter explains.
func (DefaultPreemption) PostFilter(_ context.Context, _ *framework.CycleState, pod *corev1.Pod, refused map[string]*framework.Status, nodes []*framework.NodeInfo) *framework.Status {
	fit := &framework.FitError{
		Pod: pod, NumAllNodes: len(nodes), Refused: map[string]*framework.Status{},
		NotAsked: "Preemption is not helpful for scheduling",
	}
	for _, n := range nodes {
		if s := refused[n.Node.Name]; s != nil && s.Code == framework.Unschedulable {
			fit.Refused[n.Node.Name] = framework.NewStatus(framework.Unschedulable, victims(pod, n))
		}
	}
	return framework.NewStatus(framework.Unschedulable, fmt.Sprintf("preemption: %v", fit))
}

// victims says whether there are pods on the node that might make way.
func victims(pod *corev1.Pod, node *framework.NodeInfo) string {
	for _, other := range node.Pods {
		if priority(other) < priority(pod) {
			return "Preemption is not supported by this scheduler"
		}
	}
	return "No preemption victims found for incoming pod"
}
