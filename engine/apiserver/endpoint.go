package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/installer.go (RequestScope)

import (
	"fmt"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1beta1 "k8s.io/apimachinery/pkg/apis/meta/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/endpoints/deprecation"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"
	"k8s.io/apiserver/pkg/registry/rest"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"kubergarten/engine/api"
)

// An endpoint is one resource, or one subresource, as it is served.
type endpoint struct {
	srv        *Server
	gvr        schema.GroupVersionResource
	sub        string // subresource, or empty
	kind       schema.GroupVersionKind
	namespaced bool
	storage    rest.Storage
	verbs      []string
	outdated   string // a warning, if the kind is deprecated
	// fields keeps managedFields; built at first use, for the schema behind it
	// takes a while to load.
	fields func() *managedfields.FieldManager
}

var (
	_ admission.ObjectInterfaces       = (*endpoint)(nil)
	_ negotiation.EndpointRestrictions = (*endpoint)(nil)
)

// where names an endpoint.
type where struct {
	schema.GroupVersionResource
	sub string
}

// endpoints lists what is served: the table of package api, as far as there is
// storage for it.
func (s *Server) endpoints(storage func(schema.GroupVersionResource, string) (rest.Storage, bool)) map[where]*endpoint {
	all := map[where]*endpoint{}
	for _, r := range api.Resources() {
		if st, ok := storage(r.GVR(), ""); ok {
			all[where{r.GVR(), ""}] = s.endpoint(r, "", r.GVK(), r.Verbs, st)
		}
		for _, sub := range r.Subresources {
			if st, ok := storage(r.GVR(), sub.Name); ok {
				kind := schema.GroupVersionKind{Group: sub.Group, Version: sub.Version, Kind: sub.Kind}
				all[where{r.GVR(), sub.Name}] = s.endpoint(r, sub.Name, kind, sub.Verbs, st)
			}
		}
	}
	return all
}

func (s *Server) endpoint(r api.Resource, sub string, kind schema.GroupVersionKind, verbs []string, st rest.Storage) *endpoint {
	e := &endpoint{srv: s, gvr: r.GVR(), sub: sub, kind: kind, namespaced: r.Namespaced, storage: st, verbs: verbs}
	if obj := withKind(st.New(), kind); deprecation.IsDeprecated(obj, 1, 36) {
		e.outdated = deprecation.WarningMessage(obj)
	}
	e.fields = sync.OnceValue(e.newFields)
	return e
}

func (e *endpoint) newFields() *managedfields.FieldManager {
	schema := api.TypeConverter()
	if e.kind.Group != e.gvr.Group {
		schema = managedfields.NewDeducedTypeConverter() // Scale: it has no lists to know about
	}
	f, err := managedfields.NewDefaultFieldManager(schema, versioner{}, api.Scheme(), api.Scheme(),
		e.kind, e.kind.GroupVersion(), e.sub, resetFields(e.storage))
	if err != nil {
		panic(fmt.Sprintf("field manager of %s: %v", e.kind, err)) // our own table is wrong
	}
	return f
}

// resetFields are the fields that a write to the storage does not touch: a
// manager does not own what it cannot change.
func resetFields(st rest.Storage) map[fieldpath.APIVersion]fieldpath.Filter {
	switch s := st.(type) {
	case rest.ResetFieldsStrategy:
		return fieldpath.NewExcludeFilterSetMap(s.GetResetFields())
	case rest.ResetFieldsFilterStrategy:
		return s.GetResetFieldsFilter()
	}
	return nil
}

// has reports whether the endpoint offers the verb.
func (e *endpoint) has(verb string) bool { return slices.Contains(e.verbs, verb) }

// tabular reports whether objects of the endpoint can be shown as a Table.
func (e *endpoint) tabular() bool { return e.sub == "" || e.sub == "status" }

// GetObjectCreater implements admission.ObjectInterfaces.
func (e *endpoint) GetObjectCreater() runtime.ObjectCreater { return api.Scheme() }

// GetObjectTyper implements admission.ObjectInterfaces.
func (e *endpoint) GetObjectTyper() runtime.ObjectTyper { return api.Scheme() }

// GetObjectDefaulter implements admission.ObjectInterfaces.
func (e *endpoint) GetObjectDefaulter() runtime.ObjectDefaulter { return api.Scheme() }

// GetObjectConvertor implements admission.ObjectInterfaces.
func (e *endpoint) GetObjectConvertor() runtime.ObjectConvertor { return api.Scheme() }

// GetEquivalentResourceMapper implements admission.ObjectInterfaces.
func (e *endpoint) GetEquivalentResourceMapper() runtime.EquivalentResourceMapper {
	return runtime.NewEquivalentResourceRegistry()
}

// AllowsMediaTypeTransform implements negotiation.EndpointRestrictions.
func (e *endpoint) AllowsMediaTypeTransform(mimeType, mimeSubType string, as *schema.GroupVersionKind) bool {
	if as == nil {
		return true
	}
	if gv := as.GroupVersion(); gv != metav1.SchemeGroupVersion && gv != metav1beta1.SchemeGroupVersion {
		return false
	}
	switch as.Kind {
	case "Table":
		return e.tabular() && mimeType == "application" && (mimeSubType == "json" || mimeSubType == "yaml")
	case "PartialObjectMetadata", "PartialObjectMetadataList":
		return true
	}
	return false
}

// AllowsServerVersion implements negotiation.EndpointRestrictions.
func (e *endpoint) AllowsServerVersion(v string) bool { return v == "v1" }

// AllowsStreamSchema implements negotiation.EndpointRestrictions.
func (e *endpoint) AllowsStreamSchema(s string) bool { return s == "watch" }
