package api

// Upstream: pkg/apis/core/v1/conversion.go

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Fold brings together the fields of obj that say one thing twice, as upstream's
// conversion to the internal type and back does: a secret's stringData goes into
// its data, and a pod's two names of its service account are one.
func Fold(obj runtime.Object) {
	switch o := obj.(type) {
	case *corev1.Secret:
		foldSecret(o)
	case *corev1.Pod:
		foldAccount(&o.Spec)
	case *corev1.ReplicationController:
		if o.Spec.Template != nil {
			foldAccount(&o.Spec.Template.Spec)
		}
	case *appsv1.ReplicaSet:
		foldAccount(&o.Spec.Template.Spec)
	case *appsv1.Deployment:
		foldAccount(&o.Spec.Template.Spec)
	case *appsv1.DaemonSet:
		foldAccount(&o.Spec.Template.Spec)
	}
}

// foldSecret moves stringData, which is for writing only, over data.
func foldSecret(s *corev1.Secret) {
	if s.Data == nil && len(s.StringData) > 0 {
		s.Data = map[string][]byte{}
	}
	for k, v := range s.StringData {
		s.Data[k] = []byte(v)
	}
	s.StringData = nil
}

// foldAccount lets serviceAccountName win over its old name, serviceAccount.
func foldAccount(p *corev1.PodSpec) {
	if p.ServiceAccountName == "" {
		p.ServiceAccountName = p.DeprecatedServiceAccount
	}
	p.DeprecatedServiceAccount = p.ServiceAccountName
}
