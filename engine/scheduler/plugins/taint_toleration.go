package plugins

// Upstream: pkg/scheduler/framework/plugins/tainttoleration

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	schedcorev1 "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/klog/v2"

	"kubergarten/engine/scheduler/framework"
)

// TaintToleration refuses nodes with a taint that the pod does not tolerate, and
// prefers nodes with few taints that merely ask to stay away.
type TaintToleration struct{}

var (
	_ framework.FilterPlugin    = TaintToleration{}
	_ framework.ScorePlugin     = TaintToleration{}
	_ framework.ScoreNormalizer = TaintToleration{}
)

// Name returns the plugin's name.
func (TaintToleration) Name() string { return "TaintToleration" }

// Events returns what may help.
func (TaintToleration) Events() framework.Event {
	return framework.NodeAdded | framework.NodeTaintChanged | framework.PodChanged
}

// Filter refuses nodes with an untolerated NoSchedule or NoExecute taint.
func (TaintToleration) Filter(_ context.Context, _ *framework.CycleState, pod *corev1.Pod, node *framework.NodeInfo) *framework.Status {
	_, refused := schedcorev1.FindMatchingUntoleratedTaint(klog.Background(), node.Node.Spec.Taints, pod.Spec.Tolerations, func(t *corev1.Taint) bool {
		return t.Effect == corev1.TaintEffectNoSchedule || t.Effect == corev1.TaintEffectNoExecute
	}, false)
	if refused {
		return framework.NewStatus(framework.UnschedulableAndUnresolvable, "node(s) had untolerated taint(s)")
	}
	return nil
}

// Score counts untolerated PreferNoSchedule taints.
func (TaintToleration) Score(_ context.Context, _ *framework.CycleState, pod *corev1.Pod, node *framework.NodeInfo) (n int64, _ *framework.Status) {
	for _, t := range node.Node.Spec.Taints {
		if t.Effect == corev1.TaintEffectPreferNoSchedule && !schedcorev1.TolerationsTolerateTaint(klog.Background(), pod.Spec.Tolerations, &t, false) {
			n++
		}
	}
	return n, nil
}

// NormalizeScore turns counts of what is bad into scores.
func (TaintToleration) NormalizeScore(scores []int64) { framework.NormalizeScores(scores, true) }
