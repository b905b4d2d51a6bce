package plugins

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/scheduler/framework"
)

// Unsupported refuses pods with a hard constraint that no plugin here checks. To
// put such a pod anywhere would teach something false.
type Unsupported struct{}

var _ framework.PreFilterPlugin = Unsupported{}

// Name returns the plugin's name.
func (Unsupported) Name() string { return "Unsupported" }

// Events returns what may help.
func (Unsupported) Events() framework.Event { return framework.PodChanged }

// PreFilter refuses the pod.
func (Unsupported) PreFilter(_ context.Context, _ *framework.CycleState, pod *corev1.Pod, _ []*framework.NodeInfo) (map[string]bool, *framework.Status) {
	field := unsupported(&pod.Spec)
	if field == "" {
		return nil, framework.NewStatus(framework.Skip)
	}
	return nil, framework.NewStatus(framework.UnschedulableAndUnresolvable, fmt.Sprintf("%s is not supported by this scheduler", field))
}

// unsupported names the first field of spec that would be broken, or "".
func unsupported(spec *corev1.PodSpec) string {
	if a := spec.Affinity; a != nil {
		switch {
		case a.PodAffinity != nil && len(a.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution) > 0:
			return "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution"
		case a.PodAntiAffinity != nil && len(a.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution) > 0:
			return "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution"
		}
	}
	for _, c := range spec.TopologySpreadConstraints {
		if c.WhenUnsatisfiable == corev1.DoNotSchedule {
			return "spec.topologySpreadConstraints with whenUnsatisfiable DoNotSchedule"
		}
	}
	for _, v := range spec.Volumes {
		if v.PersistentVolumeClaim != nil || v.Ephemeral != nil {
			return "spec.volumes with a persistent volume claim"
		}
	}
	if len(spec.ResourceClaims) > 0 {
		return "spec.resourceClaims"
	}
	return ""
}
