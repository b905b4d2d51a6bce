package admission

// Upstream: plugin/pkg/admission/defaulttolerationseconds/admission.go

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/utils/ptr"
)

// graceSeconds is how long a pod stays on a node that does not answer.
const graceSeconds = 300

// defaultTolerationSeconds lets each pod stay for five minutes on a node that is
// not ready or not reachable, unless the pod says otherwise.
type defaultTolerationSeconds struct{ *admission.Handler }

var _ admission.MutationInterface = defaultTolerationSeconds{}

func newDefaultTolerationSeconds(Config) admission.Interface {
	return defaultTolerationSeconds{admission.NewHandler(admission.Create, admission.Update)}
}

// Admit implements admission.MutationInterface.
func (defaultTolerationSeconds) Admit(_ context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	if !isPod(a) {
		return nil
	}
	pod, ok := a.GetObject().(*corev1.Pod)
	if !ok {
		return apierrors.NewBadRequest("Resource was marked with kind Pod but was unable to be converted")
	}
	tolerations := pod.Spec.Tolerations // what is appended does not count for the next
	for _, taint := range []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
		if !slices.ContainsFunc(tolerations, func(t corev1.Toleration) bool { return speaksOf(t, taint) }) {
			pod.Spec.Tolerations = append(pod.Spec.Tolerations, corev1.Toleration{
				Key: taint, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: ptr.To[int64](graceSeconds),
			})
		}
	}
	return nil
}

func speaksOf(t corev1.Toleration, taint string) bool {
	return (t.Key == taint || t.Key == "") && (t.Effect == corev1.TaintEffectNoExecute || t.Effect == "")
}
