package api

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// upstreamDiscovery is what a real API server says of gv.
func upstreamDiscovery(t *testing.T, gv schema.GroupVersion) *metav1.APIResourceList {
	t.Helper()
	file := "api/discovery/apis__" + gv.Group + "__" + gv.Version + ".json"
	if gv.Group == "" {
		file = "api/discovery/api__" + gv.Version + ".json"
	}
	list := &metav1.APIResourceList{}
	if err := json.Unmarshal(moduleFile(t, "k8s.io/kubernetes", file), list); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestResourceList holds names, verbs, short names and hashes against upstream's.
func TestResourceList(t *testing.T) {
	for _, gv := range groupVersions() {
		got, ok := ResourceList(gv)
		if !ok {
			t.Fatalf("no resources in %s", gv)
		}
		want := upstreamDiscovery(t, gv)
		want.APIResources = slices.DeleteFunc(want.APIResources, func(r metav1.APIResource) bool {
			return !slices.ContainsFunc(got.APIResources, func(g metav1.APIResource) bool { return g.Name == r.Name })
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s differs from upstream (-) :\n%s", gv, diff)
		}
	}
	if _, ok := ResourceList(schema.GroupVersion{Group: "batch", Version: "v1"}); ok {
		t.Error("batch/v1 is listed, though nobody serves it")
	}
}

// TestDiscovery holds the aggregated form against upstream's.
func TestDiscovery(t *testing.T) {
	all := &apidiscoveryv2.APIGroupDiscoveryList{}
	if err := json.Unmarshal(moduleFile(t, "k8s.io/kubernetes", "api/discovery/aggregated_v2.json"), all); err != nil {
		t.Fatal(err)
	}
	got := Discovery(false)
	for _, g := range got.Items {
		i := slices.IndexFunc(all.Items, func(u apidiscoveryv2.APIGroupDiscovery) bool { return u.Name == g.Name })
		if i < 0 {
			t.Errorf("upstream has no group %s", g.Name)
			continue
		}
		j := slices.IndexFunc(all.Items[i].Versions, func(v apidiscoveryv2.APIVersionDiscovery) bool { return v.Version == "v1" })
		want := all.Items[i].Versions[j]
		want.Resources = slices.DeleteFunc(want.Resources, func(r apidiscoveryv2.APIResourceDiscovery) bool {
			return !hasPath(g.Name, r.Resource, "")
		})
		for k := range want.Resources {
			r := &want.Resources[k]
			// The file says group "" for "as the list above"; so do we, by leaving it out.
			r.Subresources = slices.DeleteFunc(r.Subresources, func(s apidiscoveryv2.APISubresourceDiscovery) bool {
				return !hasPath(g.Name, r.Resource, s.Subresource)
			})
		}
		if diff := cmp.Diff(want, g.Versions[0]); diff != "" {
			t.Errorf("%s differs from upstream (-):\n%s", g.Name, diff)
		}
	}
	if legacy := Discovery(true); len(legacy.Items) != 1 || legacy.Items[0].Name != "" || len(legacy.Items[0].Versions[0].Resources) != 11 {
		t.Errorf("/api is %v", legacy)
	}
}

func TestDiscoveryV2Beta1(t *testing.T) {
	for _, legacy := range []bool{true, false} {
		v2, beta := Discovery(legacy), DiscoveryV2Beta1(legacy)
		if beta.APIVersion != "apidiscovery.k8s.io/v2beta1" || beta.Kind != v2.Kind || len(beta.Items) != len(v2.Items) {
			t.Errorf("v2beta1 is %v", beta.TypeMeta)
		}
		for i, g := range beta.Items {
			if g.Name != v2.Items[i].Name || len(g.Versions[0].Resources) != len(v2.Items[i].Versions[0].Resources) {
				t.Errorf("group %q lost something", g.Name)
			}
		}
	}
}

func TestGroups(t *testing.T) {
	got := Groups()
	if len(got.Groups) != len(groupVersions())-1 || got.Groups[0].Name != "apps" || got.Groups[0].PreferredVersion.GroupVersion != "apps/v1" {
		t.Errorf("groups are %v", got.Groups)
	}
	for _, g := range got.Groups {
		want := &metav1.APIGroup{}
		if err := json.Unmarshal(moduleFile(t, "k8s.io/kubernetes", "api/discovery/apis__"+g.Name+".json"), want); err != nil {
			t.Fatal(err)
		}
		one, _ := Group(g.Name)
		want.Versions = slices.DeleteFunc(want.Versions, func(v metav1.GroupVersionForDiscovery) bool { return v.Version != "v1" })
		if diff := cmp.Diff(want, one); diff != "" {
			t.Errorf("%s differs from upstream (-):\n%s", g.Name, diff)
		}
	}
}
