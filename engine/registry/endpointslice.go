package registry

// Upstream: pkg/registry/discovery/endpointslice/strategy.go

import (
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/api"
)

func endpointSliceStrategy() strategy {
	return strategy{
		rules: api.EndpointSliceRules(),
		prepareCreate: onCreate(func(s *discoveryv1.EndpointSlice) {
			s.Generation = 1
			dropTopology(s)
		}),
		prepareUpdate: onUpdate(func(s, old *discoveryv1.EndpointSlice) {
			if !equal(s.Labels, old.Labels) || !equal(withoutMeta(s), withoutMeta(old)) {
				s.Generation = old.Generation + 1
			}
			if !equal(s.Endpoints, old.Endpoints) {
				keepNodeNames(s, old)
				dropTopology(s)
			}
		}),
	}
}

// withoutMeta is a shallow copy of all but the metadata.
func withoutMeta(s *discoveryv1.EndpointSlice) *discoveryv1.EndpointSlice {
	c := *s
	c.ObjectMeta, c.TypeMeta = metav1.ObjectMeta{}, metav1.TypeMeta{}
	return &c
}

// dropTopology clears a field that only v1beta1 had.
func dropTopology(s *discoveryv1.EndpointSlice) {
	for i := range s.Endpoints {
		s.Endpoints[i].DeprecatedTopology = nil
	}
}

// keepNodeNames saves the node of endpoints that old named by topology.
func keepNodeNames(s, old *discoveryv1.EndpointSlice) {
	known := map[string]bool{}
	for _, e := range old.Endpoints {
		known[e.DeprecatedTopology[corev1.LabelHostname]] = true
	}
	for i := range s.Endpoints {
		e := &s.Endpoints[i]
		if n := e.DeprecatedTopology[corev1.LabelHostname]; e.NodeName == nil && n != "" && known[n] {
			e.NodeName = &n
		}
	}
}
