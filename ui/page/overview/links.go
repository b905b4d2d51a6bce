package overview

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"kubergarten/engine/client"
)

// href is the address of an object's page, or "" if there is no such page.
func (s *seen) href(of schema.GroupVersionResource, namespace, name string) string {
	group := of.Group
	if group != "" {
		group += "."
	}
	at := "/r/" + url.PathEscape(group+of.Version+"."+of.Resource) + "/" + url.PathEscape(cmp.Or(namespace, "_")) + "/" + url.PathEscape(name)
	if s.offers == nil || name == "" || !s.offers(at) {
		return ""
	}
	return at
}

// ofKind is the address of an object that is known by its kind.
func (s *seen) ofKind(kind, namespace, name string) string {
	return s.found(func(k client.Kind) bool { return k.Kind == kind }, namespace, name)
}

// ofResource is the address of an object that is known by its resource.
func (s *seen) ofResource(resource, namespace, name string) string {
	return s.found(func(k client.Kind) bool { return k.Resource.Resource == resource }, namespace, name)
}

// found takes the first kind that is meant: the core group's before another's.
func (s *seen) found(is func(client.Kind) bool, namespace, name string) string {
	all := client.Kinds()
	i := slices.IndexFunc(all, is)
	if i < 0 {
		return ""
	}
	return s.href(all[i].Resource, namespace, name)
}

// around is a sentence about an object, before and after its name.
func around(sentence string) (before, after string) {
	before, after, _ = strings.Cut(sentence, placeholder)
	return before, after
}

// placeholder stands for an object in a sentence; no name can hold it.
const placeholder = "\x00"
