package api

// Upstream: k8s.io/apiserver/pkg/endpoints/discovery/{root,group,version}.go

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Groups returns the legacy discovery of /apis: all groups but the core one.
func Groups() *metav1.APIGroupList {
	list := &metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
	for _, gv := range groupVersions() {
		if g, ok := Group(gv.Group); ok {
			g.TypeMeta = metav1.TypeMeta{}
			list.Groups = append(list.Groups, *g)
		}
	}
	return list
}

// Group returns the legacy discovery of /apis/NAME.
func Group(name string) (*metav1.APIGroup, bool) {
	for _, gv := range groupVersions() {
		if gv.Group == name && name != "" {
			v := metav1.GroupVersionForDiscovery{GroupVersion: gv.String(), Version: gv.Version}
			return &metav1.APIGroup{
				TypeMeta: metav1.TypeMeta{Kind: "APIGroup", APIVersion: "v1"},
				Name:     name, Versions: []metav1.GroupVersionForDiscovery{v}, PreferredVersion: v,
			}, true
		}
	}
	return nil, false
}

// ResourceList returns the legacy discovery of one group and version.
func ResourceList(gv schema.GroupVersion) (*metav1.APIResourceList, bool) {
	list := &metav1.APIResourceList{
		TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: gv.String(), APIResources: []metav1.APIResource{},
	}
	if gv.Group == "" {
		list.APIVersion = "" // as upstream, since ever
	}
	for _, r := range Resources() {
		if r.GVK().GroupVersion() == gv {
			list.APIResources = append(list.APIResources, r.legacy()...)
		}
	}
	slices.SortFunc(list.APIResources, func(a, b metav1.APIResource) int { return strings.Compare(a.Name, b.Name) })
	return list, len(list.APIResources) > 0
}

// legacy returns r and its subresources, each as a resource of its own.
func (r Resource) legacy() []metav1.APIResource {
	out := []metav1.APIResource{{
		Name: r.Plural, SingularName: r.Singular, Namespaced: r.Namespaced, Kind: r.Kind,
		Verbs: r.Verbs, ShortNames: r.ShortNames, Categories: r.Categories, StorageVersionHash: r.storageVersionHash(),
	}}
	for _, s := range r.Subresources {
		a := metav1.APIResource{Name: r.Plural + "/" + s.Name, Namespaced: r.Namespaced, Kind: s.Kind, Verbs: s.Verbs}
		if s.GVK().GroupVersion() != r.GVK().GroupVersion() {
			a.Group, a.Version = s.Group, s.Version
		}
		out = append(out, a)
	}
	return out
}

// storageVersionHash tells clients when the version in storage changes.
func (r Resource) storageVersionHash() string {
	if r.Prefix == "" {
		return ""
	}
	stored := r.GVK()
	for _, first := range Resources() {
		if first.Prefix == r.Prefix {
			stored = first.GVK()
			break
		}
	}
	sum := sha256.Sum256([]byte(stored.Group + "/" + stored.Version + "/" + stored.Kind))
	return base64.StdEncoding.EncodeToString(sum[:8])
}
