package plugins

// Upstream: pkg/scheduler/framework/plugins/nodeaffinity

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"

	"kubergarten/engine/scheduler/framework"
)

// NodeAffinity refuses nodes that the pod's nodeSelector or required node
// affinity does not match, and prefers those that its preferred affinity does.
type NodeAffinity struct{}

var (
	_ framework.PreFilterPlugin = NodeAffinity{}
	_ framework.FilterPlugin    = NodeAffinity{}
	_ framework.PreScorePlugin  = NodeAffinity{}
	_ framework.ScorePlugin     = NodeAffinity{}
	_ framework.ScoreNormalizer = NodeAffinity{}
)

// Keys of the cycle state.
const (
	requiredKey  = "PreFilterNodeAffinity"
	preferredKey = "PreScoreNodeAffinity"
)

// Name returns the plugin's name.
func (NodeAffinity) Name() string { return "NodeAffinity" }

// Events returns what may help.
func (NodeAffinity) Events() framework.Event {
	return framework.NodeAdded | framework.NodeLabelChanged | framework.PodChanged
}

// PreFilter parses what is required, and finds out whether it names nodes.
func (NodeAffinity) PreFilter(_ context.Context, state *framework.CycleState, pod *corev1.Pod, _ []*framework.NodeInfo) (map[string]bool, *framework.Status) {
	required := requiredTerms(pod)
	if required == nil && pod.Spec.NodeSelector == nil {
		return nil, framework.NewStatus(framework.Skip)
	}
	state.Write(requiredKey, nodeaffinity.GetRequiredNodeAffinity(pod))
	names := namedNodes(required)
	if names != nil && len(names) == 0 {
		return nil, framework.NewStatus(framework.UnschedulableAndUnresolvable, "pod affinity terms conflict")
	}
	return names, nil
}

func requiredTerms(pod *corev1.Pod) *corev1.NodeSelector {
	if a := pod.Spec.Affinity; a != nil && a.NodeAffinity != nil {
		return a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	}
	return nil
}

// namedNodes is the nodes that the terms name by metadata.name, as those of a
// DaemonSet's pods do; nil if a term names none. Terms are or-ed, and what one
// term requires is and-ed.
func namedNodes(required *corev1.NodeSelector) map[string]bool {
	if required == nil || len(required.NodeSelectorTerms) == 0 {
		return nil
	}
	all := map[string]bool{}
	for _, term := range required.NodeSelectorTerms {
		var names map[string]bool
		for _, r := range term.MatchFields {
			if r.Key == metav1.ObjectNameField && r.Operator == corev1.NodeSelectorOpIn {
				names = narrow(names, r.Values)
			}
		}
		if names == nil {
			return nil
		}
		for n := range names {
			all[n] = true
		}
	}
	return all
}

func narrow(names map[string]bool, values []string) map[string]bool {
	out := map[string]bool{}
	for _, v := range values {
		if names == nil || names[v] {
			out[v] = true
		}
	}
	return out
}

// Filter refuses nodes that do not match.
func (NodeAffinity) Filter(_ context.Context, state *framework.CycleState, pod *corev1.Pod, node *framework.NodeInfo) *framework.Status {
	required, ok := framework.Read[nodeaffinity.RequiredNodeAffinity](state, requiredKey)
	if !ok {
		required = nodeaffinity.GetRequiredNodeAffinity(pod)
	}
	if match, err := required.Match(node.Node); err != nil || !match {
		return framework.NewStatus(framework.UnschedulableAndUnresolvable, "node(s) didn't match Pod's node affinity/selector")
	}
	return nil
}

// PreScore parses what is preferred.
func (NodeAffinity) PreScore(_ context.Context, state *framework.CycleState, pod *corev1.Pod, _ []*framework.NodeInfo) *framework.Status {
	a := pod.Spec.Affinity
	if a == nil || a.NodeAffinity == nil || len(a.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution) == 0 {
		return framework.NewStatus(framework.Skip)
	}
	terms, err := nodeaffinity.NewPreferredSchedulingTerms(a.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution)
	if err != nil {
		return framework.AsStatus(err)
	}
	state.Write(preferredKey, terms)
	return nil
}

// Score adds up the weights of the preferred terms that match.
func (NodeAffinity) Score(_ context.Context, state *framework.CycleState, _ *corev1.Pod, node *framework.NodeInfo) (int64, *framework.Status) {
	terms, ok := framework.Read[*nodeaffinity.PreferredSchedulingTerms](state, preferredKey)
	if !ok {
		return 0, nil
	}
	return terms.Score(node.Node), nil
}

// NormalizeScore scales the sums.
func (NodeAffinity) NormalizeScore(scores []int64) { framework.NormalizeScores(scores, false) }
