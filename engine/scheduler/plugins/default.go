package plugins

// Upstream: pkg/scheduler/apis/config/testing/defaults, pkg/scheduler/framework/plugins/registry.go

import (
	"kubergarten/engine/client"
	"kubergarten/engine/scheduler/framework"
)

// Default is the plugins of the profile default-scheduler.
func Default(api client.Interface) []framework.Weighted {
	return []framework.Weighted{
		{Plugin: SchedulingGates{}},
		{Plugin: PrioritySort{}},
		{Plugin: NodeUnschedulable{}},
		{Plugin: NodeName{}},
		{Plugin: TaintToleration{}, Weight: 3},
		{Plugin: NodeAffinity{}, Weight: 2},
		{Plugin: NodePorts{}},
		{Plugin: NodeResourcesFit{}, Weight: 1},
		{Plugin: Unsupported{}},
		{Plugin: DefaultPreemption{}},
		{Plugin: NodeResourcesBalancedAllocation{}, Weight: 1},
		{Plugin: ImageLocality{}, Weight: 1},
		{Plugin: NewDefaultBinder(api)},
	}
}
