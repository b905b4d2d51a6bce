package registry

// Upstream: pkg/registry/core/pod/strategy.go

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// mergeMatchLabelKeys writes matchLabelKeys and mismatchLabelKeys of a new pod
// into the label selectors beside them, with the pod's own values, so that the
// scheduler only has to know selectors.
func mergeMatchLabelKeys(p *corev1.Pod) {
	for i := range p.Spec.TopologySpreadConstraints {
		c := &p.Spec.TopologySpreadConstraints[i]
		merge(c.LabelSelector, c.MatchLabelKeys, metav1.LabelSelectorOpIn, p.Labels)
	}
	for _, t := range affinityTerms(p.Spec.Affinity) {
		merge(t.LabelSelector, t.MatchLabelKeys, metav1.LabelSelectorOpIn, p.Labels)
		merge(t.LabelSelector, t.MismatchLabelKeys, metav1.LabelSelectorOpNotIn, p.Labels)
	}
}

// affinityTerms returns all terms of pod affinity and anti-affinity.
func affinityTerms(a *corev1.Affinity) (terms []*corev1.PodAffinityTerm) {
	if a == nil {
		return nil
	}
	if pa := a.PodAffinity; pa != nil {
		terms = appendTerms(terms, pa.RequiredDuringSchedulingIgnoredDuringExecution, pa.PreferredDuringSchedulingIgnoredDuringExecution)
	}
	if pa := a.PodAntiAffinity; pa != nil {
		terms = appendTerms(terms, pa.RequiredDuringSchedulingIgnoredDuringExecution, pa.PreferredDuringSchedulingIgnoredDuringExecution)
	}
	return terms
}

func appendTerms(terms []*corev1.PodAffinityTerm, required []corev1.PodAffinityTerm, preferred []corev1.WeightedPodAffinityTerm) []*corev1.PodAffinityTerm {
	for i := range preferred {
		terms = append(terms, &preferred[i].PodAffinityTerm)
	}
	for i := range required {
		terms = append(terms, &required[i])
	}
	return terms
}

// merge adds the values that labels have for keys to sel. A nil selector
// matches nothing, and stays so.
func merge(sel *metav1.LabelSelector, keys []string, op metav1.LabelSelectorOperator, labels map[string]string) {
	if sel == nil {
		return
	}
	for _, k := range keys {
		if v, ok := labels[k]; ok {
			sel.MatchExpressions = append(sel.MatchExpressions, metav1.LabelSelectorRequirement{Key: k, Operator: op, Values: []string{v}})
		}
	}
}
