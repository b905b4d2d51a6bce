package plugins

// Upstream: pkg/scheduler/framework/plugins/nodeunschedulable

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	schedcorev1 "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/klog/v2"

	"kubergarten/engine/scheduler/framework"
)

// NodeUnschedulable refuses cordoned nodes, unless the pod tolerates the taint
// that cordoning stands for.
type NodeUnschedulable struct{}

var _ framework.FilterPlugin = NodeUnschedulable{}

// Name returns the plugin's name.
func (NodeUnschedulable) Name() string { return "NodeUnschedulable" }

// Events returns what may help.
func (NodeUnschedulable) Events() framework.Event {
	return framework.NodeAdded | framework.NodeUnscheduleableChanged | framework.PodChanged
}

// Filter refuses cordoned nodes.
func (NodeUnschedulable) Filter(_ context.Context, _ *framework.CycleState, pod *corev1.Pod, node *framework.NodeInfo) *framework.Status {
	cordon := &corev1.Taint{Key: corev1.TaintNodeUnschedulable, Effect: corev1.TaintEffectNoSchedule}
	if !node.Node.Spec.Unschedulable || schedcorev1.TolerationsTolerateTaint(klog.Background(), pod.Spec.Tolerations, cordon, false) {
		return nil
	}
	return framework.NewStatus(framework.UnschedulableAndUnresolvable, "node(s) were unschedulable")
}
