package api

// Upstream: pkg/api/v1/pod/util.go

import (
	corev1 "k8s.io/api/core/v1"
	podutil "k8s.io/kubernetes/pkg/api/v1/pod"
)

// A Reference is the name of an object that a pod uses, in the pod's namespace.
type Reference struct{ Resource, Name string }

// PodReferences returns what p refers to, wherever in its spec: service account,
// secrets, config maps and persistent volume claims.
func PodReferences(p *corev1.Pod) (refs []Reference) {
	add := func(resource string) podutil.Visitor {
		return func(name string) bool {
			if name != "" {
				refs = append(refs, Reference{resource, name})
			}
			return true
		}
	}
	add("serviceaccounts")(p.Spec.ServiceAccountName)
	podutil.VisitPodSecretNames(p, add("secrets"))
	podutil.VisitPodConfigmapNames(p, add("configmaps"))
	for _, v := range p.Spec.Volumes {
		if c := v.PersistentVolumeClaim; c != nil {
			add("persistentvolumeclaims")(c.ClaimName)
		}
	}
	return refs
}
