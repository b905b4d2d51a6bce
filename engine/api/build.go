package api

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// group begins the lines of one group and version in the table of resources.
type group struct{ name, version string }

// allVerbs are what a stored resource offers, in discovery's order.
func allVerbs() []string {
	return []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}
}

// stored is a namespaced resource kept at prefix.
func (g group) stored(kind, plural, prefix string, n, l func() runtime.Object) Resource {
	r := Resource{
		Group: g.name, Version: g.version, Kind: kind, Plural: plural, Singular: strings.TrimSuffix(plural, "s"),
		Namespaced: true, Verbs: allVerbs(), Prefix: prefix, New: n, NewList: l,
	}
	r.Attrs = metaAttrs(true)
	return r
}

// answered is a resource that is posted, answered, and forgotten.
func (g group) answered(kind, plural string, namespaced bool, n func() runtime.Object) Resource {
	return Resource{
		Group: g.name, Version: g.version, Kind: kind, Plural: plural, Singular: strings.TrimSuffix(plural, "s"),
		Namespaced: namespaced, Verbs: []string{"create"}, New: n,
	}
}

func (g group) view(kind, name string, n func() runtime.Object, verbs ...string) Subresource {
	return Subresource{Name: name, Group: g.name, Version: g.version, Kind: kind, Verbs: verbs, New: n}
}

func (g group) status(kind string, n func() runtime.Object) Subresource {
	return g.view(kind, "status", n, "get", "patch", "update")
}

func (r Resource) cluster() Resource {
	r.Namespaced, r.Attrs = false, metaAttrs(false)
	return r
}

func (r Resource) singular(s string) Resource    { r.Singular = s; return r }
func (r Resource) names(s ...string) Resource    { r.ShortNames = s; return r }
func (r Resource) all() Resource                 { r.Categories = []string{"all"}; return r }
func (r Resource) sub(s ...Subresource) Resource { r.Subresources = s; return r }

func (r Resource) without(verb string) Resource {
	r.Verbs = slices.DeleteFunc(r.Verbs, func(v string) bool { return v == verb })
	return r
}

func (r Resource) attrs(f attrsFunc) Resource {
	r.Attrs = f
	return r
}
