package api

// Upstream: k8s.io/apiserver/pkg/endpoints/discovery

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	apidiscoveryv2beta1 "k8s.io/api/apidiscovery/v2beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// groupVersions returns the groups of Resources, in order.
func groupVersions() []schema.GroupVersion {
	var out []schema.GroupVersion
	for _, r := range Resources() {
		if gv := r.GVK().GroupVersion(); !slices.Contains(out, gv) {
			out = append(out, gv)
		}
	}
	return out
}

// Discovery returns the aggregated discovery of /api (legacy) or /apis. The
// result is shared: do not change it.
func Discovery(legacy bool) *apidiscoveryv2.APIGroupDiscoveryList {
	if legacy {
		return legacyDiscovery()
	}
	return groupDiscovery()
}

var (
	legacyDiscovery = sync.OnceValue(func() *apidiscoveryv2.APIGroupDiscoveryList {
		return discoveryOf(func(gv schema.GroupVersion) bool { return gv.Group == "" })
	})
	groupDiscovery = sync.OnceValue(func() *apidiscoveryv2.APIGroupDiscoveryList {
		return discoveryOf(func(gv schema.GroupVersion) bool { return gv.Group != "" })
	})
)

func discoveryOf(want func(schema.GroupVersion) bool) *apidiscoveryv2.APIGroupDiscoveryList {
	list := &apidiscoveryv2.APIGroupDiscoveryList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupDiscoveryList", APIVersion: "apidiscovery.k8s.io/v2"}}
	for _, gv := range groupVersions() {
		if !want(gv) {
			continue
		}
		g := apidiscoveryv2.APIGroupDiscovery{ObjectMeta: metav1.ObjectMeta{Name: gv.Group}}
		g.Versions = []apidiscoveryv2.APIVersionDiscovery{{
			Version: gv.Version, Freshness: apidiscoveryv2.DiscoveryFreshnessCurrent, Resources: resourceDiscovery(gv),
		}}
		list.Items = append(list.Items, g)
	}
	return list
}

// resourceDiscovery returns the resources of gv by name, as upstream sorts them.
func resourceDiscovery(gv schema.GroupVersion) []apidiscoveryv2.APIResourceDiscovery {
	var out []apidiscoveryv2.APIResourceDiscovery
	for _, r := range Resources() {
		if r.GVK().GroupVersion() == gv {
			out = append(out, r.discovery())
		}
	}
	slices.SortFunc(out, func(a, b apidiscoveryv2.APIResourceDiscovery) int { return strings.Compare(a.Resource, b.Resource) })
	return out
}

func (r Resource) discovery() apidiscoveryv2.APIResourceDiscovery {
	d := apidiscoveryv2.APIResourceDiscovery{
		Resource: r.Plural, SingularResource: r.Singular, Scope: apidiscoveryv2.ScopeCluster,
		ResponseKind: responseKind(r.GVK(), r.GVK().GroupVersion()),
		Verbs:        r.Verbs, ShortNames: r.ShortNames, Categories: r.Categories,
	}
	if r.Namespaced {
		d.Scope = apidiscoveryv2.ScopeNamespace
	}
	for _, s := range r.Subresources {
		d.Subresources = append(d.Subresources, apidiscoveryv2.APISubresourceDiscovery{
			Subresource: s.Name, ResponseKind: responseKind(s.GVK(), r.GVK().GroupVersion()), Verbs: s.Verbs,
		})
	}
	return d
}

// responseKind leaves out the group and version that the list stands under.
func responseKind(gvk schema.GroupVersionKind, under schema.GroupVersion) *metav1.GroupVersionKind {
	if gvk.GroupVersion() == under {
		return &metav1.GroupVersionKind{Kind: gvk.Kind}
	}
	return &metav1.GroupVersionKind{Group: gvk.Group, Version: gvk.Version, Kind: gvk.Kind}
}

// DiscoveryV2Beta1 is Discovery for clients of before 1.30. The result is
// shared: do not change it.
func DiscoveryV2Beta1(legacy bool) *apidiscoveryv2beta1.APIGroupDiscoveryList {
	if legacy {
		return legacyDiscoveryV2Beta1()
	}
	return groupDiscoveryV2Beta1()
}

var (
	legacyDiscoveryV2Beta1 = sync.OnceValue(func() *apidiscoveryv2beta1.APIGroupDiscoveryList { return toV2Beta1(Discovery(true)) })
	groupDiscoveryV2Beta1  = sync.OnceValue(func() *apidiscoveryv2beta1.APIGroupDiscoveryList { return toV2Beta1(Discovery(false)) })
)

// toV2Beta1 goes by way of JSON, which is the same in both versions.
func toV2Beta1(list *apidiscoveryv2.APIGroupDiscoveryList) *apidiscoveryv2beta1.APIGroupDiscoveryList {
	out := &apidiscoveryv2beta1.APIGroupDiscoveryList{}
	data, err := json.Marshal(list)
	if err == nil {
		err = json.Unmarshal(data, out)
	}
	if err != nil {
		panic(fmt.Sprintf("api: discovery to v2beta1: %v", err)) // the types are the same
	}
	out.APIVersion = "apidiscovery.k8s.io/v2beta1"
	return out
}
