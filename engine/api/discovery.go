package api

import (
	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	apidiscoveryv2beta1 "k8s.io/api/apidiscovery/v2beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Discovery returns the aggregated discovery of /api (legacy) or /apis. The
// result is shared: do not change it.
func Discovery(legacy bool) *apidiscoveryv2.APIGroupDiscoveryList { return nil }

// DiscoveryV2Beta1 is Discovery for clients of before 1.30.
func DiscoveryV2Beta1(legacy bool) *apidiscoveryv2beta1.APIGroupDiscoveryList { return nil }

// Groups returns the legacy discovery of /apis.
func Groups() *metav1.APIGroupList { return nil }

// ResourceList returns the legacy discovery of one group and version.
func ResourceList(gv schema.GroupVersion) (*metav1.APIResourceList, bool) { return nil, false }
