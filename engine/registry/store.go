package registry

// Upstream: k8s.io/apiserver/pkg/registry/generic/registry/store.go

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"kubergarten/engine/api"
)

// A Store serves one resource: the work that is the same for all of them, over
// the strategy that is the resource's own.
type Store struct {
	resource api.Resource
	strategy strategy
	objects  objects
	clock    clock.PassiveClock

	// returnsDeleted: a deletion answers with the object, not with a Status.
	returnsDeleted bool

	// begin reserves what obj needs before it is judged (cluster IPs, node
	// ports); old is nil on create. finish is called once, with the outcome.
	begin func(ctx context.Context, obj, old runtime.Object, dryRun bool) (finish func(ok bool), err error)
	// gone frees what obj held, after it was deleted.
	gone func(ctx context.Context, obj runtime.Object)
}

var (
	_ rest.StandardStorage      = (*Store)(nil)
	_ rest.SingularNameProvider = (*Store)(nil)
	_ rest.ShortNamesProvider   = (*Store)(nil)
	_ rest.CategoriesProvider   = (*Store)(nil)
	_ rest.ResetFieldsStrategy  = (*Store)(nil)
)

// New returns an empty object.
func (s *Store) New() runtime.Object { return s.resource.New() }

// NewList returns an empty list.
func (s *Store) NewList() runtime.Object { return s.resource.NewList() }

// Destroy implements rest.Storage; Run's context ends everything.
func (s *Store) Destroy() {}

// NamespaceScoped tells whether objects lie in namespaces.
func (s *Store) NamespaceScoped() bool { return s.resource.Namespaced }

// GetSingularName returns the name of one, as "pod".
func (s *Store) GetSingularName() string { return s.resource.Singular }

// ShortNames returns the names that kubectl also knows.
func (s *Store) ShortNames() []string { return s.resource.ShortNames }

// Categories returns the groups of resources this one is in, as "all".
func (s *Store) Categories() []string { return s.resource.Categories }

// GetResetFields returns the fields that a client's word does not change.
func (s *Store) GetResetFields() map[fieldpath.APIVersion]*fieldpath.Set { return s.strategy.resets }

// DeleteReturnsDeletedObject tells whether Delete answers with the object.
func (s *Store) DeleteReturnsDeletedObject() bool { return s.returnsDeleted }

// ConvertToTable returns the rows that kubectl get prints.
func (s *Store) ConvertToTable(ctx context.Context, obj, opts runtime.Object) (*metav1.Table, error) {
	return api.Table(ctx, obj, opts)
}

// Get returns one object, which is shared: do not change it.
func (s *Store) Get(ctx context.Context, name string, opts *metav1.GetOptions) (runtime.Object, error) {
	ns, err := s.place(ctx, name)
	if err != nil {
		return nil, err
	}
	rv := ""
	if opts != nil {
		rv = opts.ResourceVersion
	}
	return s.objects.Get(ctx, ns, name, rv)
}

// List returns what opts selects; the items are shared.
func (s *Store) List(ctx context.Context, opts *internalversion.ListOptions) (runtime.Object, error) {
	return s.objects.List(ctx, s.scope(ctx, opts), listOptions(opts))
}

// Watch sends what happens to what opts selects.
func (s *Store) Watch(ctx context.Context, opts *internalversion.ListOptions) (watch.Interface, error) {
	return s.objects.Watch(ctx, s.scope(ctx, opts), listOptions(opts))
}

// scope is the namespace to list: the request's, or the one that a field
// selector names.
func (s *Store) scope(ctx context.Context, opts *internalversion.ListOptions) string {
	ns := s.namespace(ctx)
	if ns == "" && opts != nil && opts.FieldSelector != nil && s.resource.Namespaced {
		ns, _ = opts.FieldSelector.RequiresExactMatch("metadata.namespace")
	}
	return ns
}

// namespace is the request's, and empty for resources that have none.
func (s *Store) namespace(ctx context.Context) string {
	if !s.resource.Namespaced {
		return ""
	}
	return genericapirequest.NamespaceValue(ctx)
}

// place returns the namespace of the object called name, or upstream's word on
// why there can be no such object.
func (s *Store) place(ctx context.Context, name string) (string, error) {
	ns := s.namespace(ctx)
	if s.resource.Namespaced && ns == "" {
		return "", apierrors.NewBadRequest("Namespace parameter required.")
	}
	if name == "" {
		return "", apierrors.NewBadRequest("Name parameter required.")
	}
	if msgs := content.IsPathSegmentName(name); len(msgs) != 0 {
		return "", apierrors.NewBadRequest(fmt.Sprintf("Name parameter invalid: %q: %s", name, strings.Join(msgs, ";")))
	}
	return ns, nil
}

// sub returns a view of s with another strategy, for a subresource.
func (s *Store) sub(st strategy) *Store {
	view := *s
	view.strategy = st
	view.strategy.namespaced = s.resource.Namespaced
	return &view
}
