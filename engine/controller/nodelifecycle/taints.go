package nodelifecycle

// Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go
// (doNoScheduleTaintingPass, processTaintBaseEviction)

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// ours reports whether a taint is one that this controller keeps.
func ours(t corev1.Taint) bool {
	switch t.Key {
	case corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable:
		return t.Effect == corev1.TaintEffectNoSchedule || t.Effect == corev1.TaintEffectNoExecute
	case corev1.TaintNodeMemoryPressure, corev1.TaintNodeDiskPressure, corev1.TaintNodePIDPressure,
		corev1.TaintNodeNetworkUnavailable, corev1.TaintNodeUnschedulable:
		return t.Effect == corev1.TaintEffectNoSchedule
	}
	return false
}

// wantedTaints is what the node's conditions call for; evict says whether
// NoExecute taints may be added.
func wantedTaints(node *corev1.Node, evict bool) (out []corev1.Taint) {
	add := func(key string, effects ...corev1.TaintEffect) {
		for _, e := range effects {
			out = append(out, corev1.Taint{Key: key, Effect: e})
		}
	}
	executing := []corev1.TaintEffect{corev1.TaintEffectNoSchedule}
	if evict {
		executing = append(executing, corev1.TaintEffectNoExecute)
	}
	for _, c := range node.Status.Conditions {
		bad := c.Status == corev1.ConditionTrue
		switch {
		case c.Type == corev1.NodeReady && c.Status == corev1.ConditionFalse:
			add(corev1.TaintNodeNotReady, executing...)
		case c.Type == corev1.NodeReady && c.Status == corev1.ConditionUnknown:
			add(corev1.TaintNodeUnreachable, executing...)
		case c.Type == corev1.NodeMemoryPressure && bad:
			add(corev1.TaintNodeMemoryPressure, corev1.TaintEffectNoSchedule)
		case c.Type == corev1.NodeDiskPressure && bad:
			add(corev1.TaintNodeDiskPressure, corev1.TaintEffectNoSchedule)
		case c.Type == corev1.NodePIDPressure && bad:
			add(corev1.TaintNodePIDPressure, corev1.TaintEffectNoSchedule)
		case c.Type == corev1.NodeNetworkUnavailable && bad:
			add(corev1.TaintNodeNetworkUnavailable, corev1.TaintEffectNoSchedule)
		}
	}
	if node.Spec.Unschedulable {
		add(corev1.TaintNodeUnschedulable, corev1.TaintEffectNoSchedule)
	}
	return out
}

// taintsOf is the node's taints as they should be: others' as they are, ours as
// wanted, those that were there already with the time they were added.
func taintsOf(node *corev1.Node, wanted []corev1.Taint, now metav1.Time) (out []corev1.Taint, changed bool) {
	for _, t := range node.Spec.Taints {
		if !ours(t) || slices.ContainsFunc(wanted, func(w corev1.Taint) bool { return w.MatchTaint(&t) }) {
			out = append(out, t)
		} else {
			changed = true
		}
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(out, func(t corev1.Taint) bool { return t.MatchTaint(&w) }) {
			w.TimeAdded = &now
			out, changed = append(out, w), true
		}
	}
	return out, changed
}

// syncTaints makes one node's taints match its conditions.
func (c *Controller) syncTaints(ctx context.Context, name string) error {
	node, ok := c.nodes.Get("", name)
	if !ok {
		return nil
	}
	now := metav1.NewTime(c.cc.Clock.Now()).Rfc3339Copy()
	taints, changed := taintsOf(node, wantedTaints(node, !c.allSilent()), now)
	if !changed {
		return nil
	}
	if taints == nil {
		taints = []corev1.Taint{}
	}
	data, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"resourceVersion": node.ResourceVersion}, // lest a taint added meanwhile be lost
		"spec":     map[string]any{"taints": taints},
	})
	if err != nil {
		return fmt.Errorf("taints of node %s: %w", name, err)
	}
	_, err = c.nodeAPI.Patch(ctx, "", name, types.MergePatchType, data, "")
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // the change that we did not know of enqueues it
	}
	return err
}

// allSilent reports whether no node at all answers.
func (c *Controller) allSilent() bool {
	nodes := c.nodes.List("", nil)
	return len(nodes) > 1 && !slices.ContainsFunc(nodes, func(n *corev1.Node) bool {
		ready := nodeCondition(n, corev1.NodeReady)
		return ready == nil || ready.Status != corev1.ConditionUnknown
	})
}
