package plugins

// Upstream: pkg/scheduler/framework/plugins/defaultpreemption, pkg/scheduler/framework/preemption

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/scheduler/framework"
)

// DefaultPreemption says, in upstream's words, why taking pods away would not
// help. It takes none away: no PriorityClass is served, so only pods of the
// control plane have a priority, and nobody is above them.
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
	for name, s := range refused {
		if s.Code == framework.Unschedulable {
			fit.Refused[name] = framework.NewStatus(framework.Unschedulable, "No preemption victims found for incoming pod")
		}
	}
	return framework.NewStatus(framework.Unschedulable, fmt.Sprintf("preemption: %v", fit))
}
