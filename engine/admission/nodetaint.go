package admission

// Upstream: plugin/pkg/admission/nodetaint/admission.go

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
)

// taintNodesByCondition keeps pods away from a new node until its controller has
// found it ready.
type taintNodesByCondition struct{ *admission.Handler }

var _ admission.MutationInterface = taintNodesByCondition{}

func newTaintNodesByCondition(Config) admission.Interface {
	return taintNodesByCondition{admission.NewHandler(admission.Create)}
}

// Admit implements admission.MutationInterface.
func (taintNodesByCondition) Admit(_ context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	if a.GetResource().GroupResource() != (schema.GroupResource{Resource: "nodes"}) || a.GetSubresource() != "" {
		return nil
	}
	node, ok := a.GetObject().(*corev1.Node)
	if !ok {
		return unexpected(a, a.GetObject())
	}
	notReady := corev1.Taint{Key: corev1.TaintNodeNotReady, Effect: corev1.TaintEffectNoSchedule}
	if !slices.ContainsFunc(node.Spec.Taints, func(t corev1.Taint) bool { return t.MatchTaint(&notReady) }) {
		node.Spec.Taints = append(node.Spec.Taints, notReady)
	}
	return nil
}
