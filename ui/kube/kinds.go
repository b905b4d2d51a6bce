package kube

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// aggregated asks for the discovery of all groups at once.
const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

// A Kind is what discovery tells of a resource.
type Kind struct {
	schema.GroupVersionResource
	Kind, Singular string
	Namespaced     bool
	ShortNames     []string
	Verbs          []string
	Subresources   []string
}

// Can tells whether the resource has a verb.
func (k Kind) Can(verb string) bool { return slices.Contains(k.Verbs, verb) }

// Has tells whether the resource has a subresource.
func (k Kind) Has(subresource string) bool { return slices.Contains(k.Subresources, subresource) }

// Kinds are all kinds that can be listed, each in its group's first version
// that has it, by group and name; the core group is first.
func (c *Client) Kinds(ctx context.Context) ([]Kind, error) {
	var all []Kind
	for _, at := range []string{"/api", "/apis"} {
		var groups apidiscoveryv2.APIGroupDiscoveryList
		if err := c.decode(ctx, call{method: http.MethodGet, path: at, accept: aggregated}, &groups); err != nil {
			return nil, err
		}
		for _, g := range groups.Items {
			all = append(all, kindsOf(g)...)
		}
	}
	slices.SortStableFunc(all, func(a, b Kind) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Resource, b.Resource))
	})
	return all, nil
}

func kindsOf(g apidiscoveryv2.APIGroupDiscovery) (all []Kind) {
	seen := map[string]bool{}
	for _, v := range g.Versions {
		for _, r := range v.Resources {
			if seen[r.Resource] || !slices.Contains(r.Verbs, "list") {
				continue
			}
			seen[r.Resource] = true
			k := Kind{
				GroupVersionResource: schema.GroupVersionResource{Group: g.Name, Version: v.Version, Resource: r.Resource},
				Singular:             cmp.Or(r.SingularResource, r.Resource), Verbs: r.Verbs, ShortNames: r.ShortNames,
				Namespaced: r.Scope == apidiscoveryv2.ScopeNamespace,
			}
			if r.ResponseKind != nil {
				k.Kind = r.ResponseKind.Kind
			}
			for _, s := range r.Subresources {
				k.Subresources = append(k.Subresources, s.Subresource)
			}
			all = append(all, k)
		}
	}
	return all
}

// Kind is one kind, found by its resource.
func (c *Client) Kind(ctx context.Context, gvr schema.GroupVersionResource) (Kind, error) {
	return c.find(ctx, gvr.GroupVersion(), gvr.Resource, func(k Kind) bool { return k.Resource == gvr.Resource })
}

// KindOf is one kind, found by its name in objects.
func (c *Client) KindOf(ctx context.Context, gvk schema.GroupVersionKind) (Kind, error) {
	return c.find(ctx, gvk.GroupVersion(), gvk.Kind, func(k Kind) bool { return k.Kind == gvk.Kind })
}

func (c *Client) find(ctx context.Context, gv schema.GroupVersion, name string, is func(Kind) bool) (Kind, error) {
	missing := apierrors.NewNotFound(schema.GroupResource{Group: gv.Group}, "")
	missing.ErrStatus.Message = `no matches for kind "` + name + `" in version "` + gv.String() + `"`
	at, err := Target{GroupVersionResource: gv.WithResource("x")}.path()
	if err != nil {
		return Kind{}, err
	}
	var list metav1.APIResourceList
	err = c.decode(ctx, call{method: http.MethodGet, path: strings.TrimSuffix(at, "/x"), accept: plain}, &list)
	if apierrors.IsNotFound(err) {
		return Kind{}, missing
	} else if err != nil {
		return Kind{}, err
	}
	all := fromList(gv, list)
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], nil
	}
	return Kind{}, missing
}

// fromList turns the older form of discovery, where a subresource is a line of
// its own, into kinds.
func fromList(gv schema.GroupVersion, list metav1.APIResourceList) (all []Kind) {
	subs := map[string][]string{}
	for _, r := range list.APIResources {
		if resource, sub, ok := strings.Cut(r.Name, "/"); ok {
			subs[resource] = append(subs[resource], sub)
		}
	}
	for _, r := range list.APIResources {
		if strings.Contains(r.Name, "/") {
			continue
		}
		all = append(all, Kind{
			GroupVersionResource: gv.WithResource(r.Name), Kind: r.Kind, Singular: cmp.Or(r.SingularName, r.Name),
			Namespaced: r.Namespaced, ShortNames: r.ShortNames, Verbs: r.Verbs, Subresources: subs[r.Name],
		})
	}
	return all
}

// Namespaces are the names of those that the visitor may list.
func (c *Client) Namespaces(ctx context.Context) ([]string, error) {
	var list metav1.PartialObjectMetadataList
	err := c.decode(ctx, call{
		method: http.MethodGet, path: "/api/v1/namespaces",
		accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json",
	}, &list)
	var names []string
	for _, n := range list.Items {
		names = append(names, n.Name)
	}
	return names, err
}

// Read reads an object or a list as JSON into out.
func (c *Client) Read(ctx context.Context, t Target, o Options, out any) error {
	at, err := t.path()
	if err != nil {
		return err
	}
	body, _, err := c.read(ctx, call{method: http.MethodGet, path: at, query: o.values(), accept: plain})
	if err != nil {
		return err
	}
	return json.Unmarshal(body, out)
}
