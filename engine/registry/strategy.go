package registry

// Upstream: k8s.io/apiserver/pkg/registry/rest/{create,update,delete}.go

import (
	"context"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/storage/names"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"kubergarten/engine/api"
)

// A strategy is what one resource, or one of its subresources, allows. Nil
// functions do nothing.
type strategy struct {
	namespaced bool
	rules      api.Rules

	prepareCreate func(ctx context.Context, obj runtime.Object)
	prepareUpdate func(ctx context.Context, obj, old runtime.Object)
	canonicalize  func(obj runtime.Object)

	createOnUpdate bool // a PUT may create the object
	conditional    bool // an update must name the resourceVersion it changes

	// resets are the fields that a client's word does not change here.
	resets      map[fieldpath.APIVersion]*fieldpath.Set
	resetFilter map[fieldpath.APIVersion]fieldpath.Filter

	// gc says what becomes of the dependents of a deleted object, if the
	// client does not say; nil is DeleteDependents in the background.
	gc func(ctx context.Context) rest.GarbageCollectionPolicy
	// grace reports whether obj is deleted gracefully, and then sets the
	// period in opts.
	grace func(obj runtime.Object, opts *metav1.DeleteOptions) bool
	// stays reports that obj may not go yet, though its finalizers are gone.
	stays func(obj runtime.Object) bool
}

var (
	_ rest.RESTCreateStrategy = strategy{}
	_ rest.RESTUpdateStrategy = strategy{}
)

// ObjectKinds implements runtime.ObjectTyper.
func (strategy) ObjectKinds(obj runtime.Object) ([]schema.GroupVersionKind, bool, error) {
	return api.Scheme().ObjectKinds(obj)
}

// Recognizes implements runtime.ObjectTyper.
func (strategy) Recognizes(gvk schema.GroupVersionKind) bool { return api.Scheme().Recognizes(gvk) }

// GenerateName implements names.NameGenerator.
func (strategy) GenerateName(base string) string { return names.SimpleNameGenerator.GenerateName(base) }

// NamespaceScoped tells whether objects lie in namespaces.
func (s strategy) NamespaceScoped() bool { return s.namespaced }

// AllowCreateOnUpdate tells whether a PUT may create the object.
func (s strategy) AllowCreateOnUpdate() bool { return s.createOnUpdate }

// AllowUnconditionalUpdate tells whether an update may leave out the resourceVersion.
func (s strategy) AllowUnconditionalUpdate() bool { return !s.conditional }

// PrepareForCreate clears what a client may not set.
func (s strategy) PrepareForCreate(ctx context.Context, obj runtime.Object) {
	if s.rules.Drop != nil {
		s.rules.Drop(obj, nil)
	}
	if s.prepareCreate != nil {
		s.prepareCreate(ctx, obj)
	}
}

// PrepareForUpdate undoes what a client may not change.
func (s strategy) PrepareForUpdate(ctx context.Context, obj, old runtime.Object) {
	if s.rules.Drop != nil {
		s.rules.Drop(obj, old)
	}
	if s.prepareUpdate != nil {
		s.prepareUpdate(ctx, obj, old)
	}
}

// Validate judges a new object.
func (s strategy) Validate(ctx context.Context, obj runtime.Object) field.ErrorList {
	if s.rules.Create == nil {
		return nil
	}
	return s.rules.Create(ctx, obj)
}

// ValidateUpdate judges a changed object.
func (s strategy) ValidateUpdate(ctx context.Context, obj, old runtime.Object) field.ErrorList {
	if s.rules.Update == nil {
		return nil
	}
	return s.rules.Update(ctx, obj, old)
}

// WarningsOnCreate says what is allowed, but unwise.
func (s strategy) WarningsOnCreate(ctx context.Context, obj runtime.Object) []string {
	if s.rules.WarnCreate == nil {
		return nil
	}
	return s.rules.WarnCreate(ctx, obj)
}

// WarningsOnUpdate says what is allowed, but unwise.
func (s strategy) WarningsOnUpdate(ctx context.Context, obj, old runtime.Object) []string {
	if s.rules.WarnUpdate == nil {
		return nil
	}
	return s.rules.WarnUpdate(ctx, obj, old)
}

// Canonicalize brings a valid object into its one form.
func (s strategy) Canonicalize(obj runtime.Object) {
	if s.canonicalize != nil {
		s.canonicalize(obj)
	}
}

// onCreate makes a prepareCreate of a function that knows the type.
func onCreate[T runtime.Object](f func(obj T)) func(context.Context, runtime.Object) {
	return func(_ context.Context, obj runtime.Object) { f(obj.(T)) }
}

// onUpdate makes a prepareUpdate of a function that knows the type.
func onUpdate[T runtime.Object](f func(obj, old T)) func(context.Context, runtime.Object, runtime.Object) {
	return func(_ context.Context, obj, old runtime.Object) { f(obj.(T), old.(T)) }
}

// resets names fields of version that are not the client's, as "status" or
// "metadata", "labels".
func resets(version fieldpath.APIVersion, paths ...[]any) map[fieldpath.APIVersion]*fieldpath.Set {
	set := fieldpath.NewSet()
	for _, p := range paths {
		set.Insert(fieldpath.MakePathOrDie(p...))
	}
	return map[fieldpath.APIVersion]*fieldpath.Set{version: set}
}

// path is one field path for resets.
func path(parts ...any) []any { return parts }

// collected is the policy of resources whose dependents are deleted unless the
// client says otherwise.
func collected(context.Context) rest.GarbageCollectionPolicy { return rest.DeleteDependents }

// equal compares as upstream does: 1 and 1000m are the same quantity, a nil
// and an empty list are the same list.
func equal(a, b any) bool { return apiequality.Semantic.DeepEqual(a, b) }
