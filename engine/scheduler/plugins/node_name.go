package plugins

// Upstream: pkg/scheduler/framework/plugins/nodename

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/scheduler/framework"
)

// NodeName refuses every node but the one that the pod's spec names.
type NodeName struct{}

var _ framework.FilterPlugin = NodeName{}

// Name returns the plugin's name.
func (NodeName) Name() string { return "NodeName" }

// Events returns what may help.
func (NodeName) Events() framework.Event { return framework.NodeAdded }

// Filter refuses other nodes.
func (NodeName) Filter(_ context.Context, _ *framework.CycleState, pod *corev1.Pod, node *framework.NodeInfo) *framework.Status {
	if pod.Spec.NodeName == "" || pod.Spec.NodeName == node.Node.Name {
		return nil
	}
	return framework.NewStatus(framework.UnschedulableAndUnresolvable, "node(s) didn't match the requested node name")
}
