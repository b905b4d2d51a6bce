package plugins

// Upstream: pkg/scheduler/framework/plugins/nodeports

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/scheduler/framework"
)

// NodePorts refuses nodes where a host port of the pod is taken.
type NodePorts struct{}

var (
	_ framework.PreFilterPlugin = NodePorts{}
	_ framework.FilterPlugin    = NodePorts{}
)

// Name returns the plugin's name.
func (NodePorts) Name() string { return "NodePorts" }

// Events returns what may help.
func (NodePorts) Events() framework.Event { return framework.NodeAdded | framework.AssignedPodDeleted }

// PreFilter skips pods without host ports.
func (NodePorts) PreFilter(_ context.Context, _ *framework.CycleState, pod *corev1.Pod, _ []*framework.NodeInfo) (map[string]bool, *framework.Status) {
	if len(framework.HostPorts(pod)) == 0 {
		return nil, framework.NewStatus(framework.Skip)
	}
	return nil, nil
}

// Filter refuses nodes where a port is taken.
func (NodePorts) Filter(_ context.Context, _ *framework.CycleState, pod *corev1.Pod, node *framework.NodeInfo) *framework.Status {
	for _, want := range framework.HostPorts(pod) {
		for _, used := range node.UsedPorts {
			if conflict(want, used) {
				return framework.NewStatus(framework.Unschedulable, "node(s) didn't have free ports for the requested pod ports")
			}
		}
	}
	return nil
}

// conflict reports whether two ports cannot be had at once: the same number and
// protocol, on the same address or on all.
func conflict(a, b corev1.ContainerPort) bool {
	anyAddr := func(ip string) bool { return ip == "" || ip == "0.0.0.0" }
	return a.HostPort == b.HostPort && protocol(a) == protocol(b) && (anyAddr(a.HostIP) || anyAddr(b.HostIP) || a.HostIP == b.HostIP)
}

func protocol(p corev1.ContainerPort) corev1.Protocol {
	if p.Protocol == "" {
		return corev1.ProtocolTCP
	}
	return p.Protocol
}
