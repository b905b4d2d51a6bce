package api

import (
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// A Resource is one line of the API's table of contents.
type Resource struct {
	Group, Version, Kind string
	Plural, Singular     string
	Namespaced           bool
	Verbs                []string // as discovery lists them
	ShortNames           []string
	Categories           []string
	Subresources         []Subresource

	// Prefix is where objects lie in etcd, as "/pods" in /registry/pods/ns/name.
	// It is empty for kinds that are answered and not stored. Two resources
	// with one prefix are two views of the same objects; the first one's
	// version is stored.
	Prefix  string
	New     func() runtime.Object
	NewList func() runtime.Object // nil if there is no list
	// Attrs returns what label and field selectors look at.
	Attrs func(obj runtime.Object) (labels.Set, fields.Set, error)
}

// A Subresource is a view of, or a deed on, an object: "status", "binding".
type Subresource struct {
	Name    string
	Group   string // of the body, as "autoscaling" of Scale
	Version string
	Kind    string
	Verbs   []string
	New     func() runtime.Object
}

// GVR returns the resource's group, version and plural name.
func (r Resource) GVR() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: r.Group, Version: r.Version, Resource: r.Plural}
}

// GVK returns the resource's group, version and kind.
func (r Resource) GVK() schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: r.Group, Version: r.Version, Kind: r.Kind}
}

// GroupResource returns the resource's group and plural name.
func (r Resource) GroupResource() schema.GroupResource { return r.GVR().GroupResource() }

// Sub returns the subresource called name.
func (r Resource) Sub(name string) (Subresource, bool) {
	for _, s := range r.Subresources {
		if s.Name == name {
			return s, true
		}
	}
	return Subresource{}, false
}

// Find returns the resource at gvr.
func Find(gvr schema.GroupVersionResource) (Resource, bool) {
	for _, r := range Resources() {
		if r.GVR() == gvr {
			return r, true
		}
	}
	return Resource{}, false
}

// GVK returns the group, version and kind of the subresource's body.
func (s Subresource) GVK() schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: s.Group, Version: s.Version, Kind: s.Kind}
}
