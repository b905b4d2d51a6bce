package registry

// Upstream: pkg/registry/core/pod/strategy.go

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"kubergarten/engine/api"
)

func podStrategy() strategy {
	return strategy{
		rules:  api.PodRules(),
		resets: resets("v1", path("status")),
		grace:  podGrace,
		prepareCreate: onCreate(func(p *corev1.Pod) {
			p.Generation = 1
			p.Status = corev1.PodStatus{Phase: corev1.PodPending, QOSClass: api.PodQOS(p)}
			gated(p)
			mergeMatchLabelKeys(p)
		}),
		prepareUpdate: onUpdate(func(p, old *corev1.Pod) {
			p.Status = old.Status
			grow(p, old)
		}),
	}
}

// podGrace gives a pod its terminationGracePeriodSeconds to shut down, unless
// the client says otherwise; one that no kubelet runs goes at once.
func podGrace(obj runtime.Object, opts *metav1.DeleteOptions) bool {
	p := obj.(*corev1.Pod)
	period := int64(0)
	switch {
	case opts.GracePeriodSeconds != nil:
		period = *opts.GracePeriodSeconds
	case p.Spec.TerminationGracePeriodSeconds != nil:
		period = *p.Spec.TerminationGracePeriodSeconds
	}
	if p.Spec.NodeName == "" || p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded {
		period = 0
	}
	if period < 0 {
		period = 1
	}
	opts.GracePeriodSeconds = &period
	return true
}

func podStatusStrategy() strategy {
	st := podStrategy()
	st.rules = api.PodStatusRules()
	st.resets = resets("v1", path("spec"), path("metadata", "deletionTimestamp"), path("metadata", "ownerReferences"))
	st.prepareUpdate = onUpdate(func(p, old *corev1.Pod) {
		p.Spec = old.Spec
		p.DeletionTimestamp = nil
		p.OwnerReferences = old.OwnerReferences // old kubelets corrupted them
		if p.Status.QOSClass == "" {
			p.Status.QOSClass = old.Status.QOSClass
		}
		keepObservedGeneration(p, old)
	})
	return st
}

// keepObservedGeneration keeps what a client that does not know
// observedGeneration would clear.
func keepObservedGeneration(p, old *corev1.Pod) {
	if p.Status.ObservedGeneration == 0 {
		p.Status.ObservedGeneration = old.Status.ObservedGeneration
	}
	seen := map[corev1.PodConditionType][]int64{} // a type may be there twice
	for _, c := range old.Status.Conditions {
		seen[c.Type] = append(seen[c.Type], c.ObservedGeneration)
	}
	for i := range p.Status.Conditions {
		c := &p.Status.Conditions[i]
		was := int64(0)
		if s := seen[c.Type]; len(s) > 0 {
			was, seen[c.Type] = s[0], s[1:]
		}
		if c.ObservedGeneration == 0 {
			c.ObservedGeneration = was
		}
	}
}

func podEphemeralContainersStrategy() strategy {
	st := podStrategy()
	st.rules = api.PodEphemeralContainersRules()
	st.resets = nil
	st.resetFilter = map[fieldpath.APIVersion]fieldpath.Filter{
		"v1": fieldpath.NewIncludeMatcherFilter(fieldpath.MakePrefixMatcherOrDie("spec", "ephemeralContainers")),
	}
	st.prepareUpdate = onUpdate(func(p, old *corev1.Pod) {
		added := p.Spec.EphemeralContainers
		p.Spec, p.Status = old.Spec, old.Status
		metav1.ResetObjectMetaForStatus(&p.ObjectMeta, &old.ObjectMeta)
		p.Spec.EphemeralContainers = added
		grow(p, old)
	})
	return st
}

// grow counts a change of the spec.
func grow(p, old *corev1.Pod) {
	if !equal(p.Spec, old.Spec) {
		p.Generation++
	}
}

// gated tells at once that the scheduler will not look at p yet.
func gated(p *corev1.Pod) {
	if len(p.Spec.SchedulingGates) == 0 {
		return
	}
	p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{
		Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonSchedulingGated,
		Message: "Scheduling is blocked due to non-empty scheduling gates",
	})
}
