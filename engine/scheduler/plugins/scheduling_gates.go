package plugins

// Upstream: pkg/scheduler/framework/plugins/schedulinggates

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/scheduler/framework"
)

// SchedulingGates keeps a pod out of the queue while its spec names gates.
type SchedulingGates struct{}

var _ framework.PreEnqueuePlugin = SchedulingGates{}

// Name returns the plugin's name.
func (SchedulingGates) Name() string { return "SchedulingGates" }

// PreEnqueue refuses a pod with gates.
func (SchedulingGates) PreEnqueue(_ context.Context, pod *corev1.Pod) *framework.Status {
	if len(pod.Spec.SchedulingGates) == 0 {
		return nil
	}
	var gates []string
	for _, g := range pod.Spec.SchedulingGates {
		gates = append(gates, g.Name)
	}
	return framework.NewStatus(framework.UnschedulableAndUnresolvable, fmt.Sprintf("waiting for scheduling gates: %v", gates))
}
