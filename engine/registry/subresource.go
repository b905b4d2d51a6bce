package registry

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/registry/rest"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// viewREST is a subresource that shows the whole object and lets a part of it
// be written: status, finalize, ephemeralcontainers.
type viewREST struct{ store *Store }

var (
	_ rest.Patcher        = viewREST{}
	_ rest.TableConvertor = viewREST{}
)

// New returns an empty object.
func (v viewREST) New() runtime.Object { return v.store.New() }

// Destroy implements rest.Storage.
func (viewREST) Destroy() {}

// Get returns the object.
func (v viewREST) Get(ctx context.Context, name string, opts *metav1.GetOptions) (runtime.Object, error) {
	return v.store.Get(ctx, name, opts)
}

// Update changes the part; it never creates the object.
func (v viewREST) Update(ctx context.Context, name string, info rest.UpdatedObjectInfo, validateCreate rest.ValidateObjectFunc, validate rest.ValidateObjectUpdateFunc, _ bool, opts *metav1.UpdateOptions) (runtime.Object, bool, error) {
	return v.store.Update(ctx, name, info, validateCreate, validate, false, opts)
}

// ConvertToTable returns the rows that kubectl get prints.
func (v viewREST) ConvertToTable(ctx context.Context, obj, opts runtime.Object) (*metav1.Table, error) {
	return v.store.ConvertToTable(ctx, obj, opts)
}

// resettingREST is a view that knows which fields it leaves alone.
type resettingREST struct{ viewREST }

var _ rest.ResetFieldsStrategy = resettingREST{}

// GetResetFields returns the fields that a client's word does not change here.
func (v resettingREST) GetResetFields() map[fieldpath.APIVersion]*fieldpath.Set {
	return v.store.strategy.resets
}

// filteringREST is a view that knows which fields alone it changes.
type filteringREST struct{ viewREST }

var _ rest.ResetFieldsFilterStrategy = filteringREST{}

// GetResetFieldsFilter returns the fields that a client's word changes here.
func (v filteringREST) GetResetFieldsFilter() map[fieldpath.APIVersion]fieldpath.Filter {
	return v.store.strategy.resetFilter
}

// view serves store as a subresource.
func view(store *Store) rest.Storage {
	if store.strategy.resetFilter != nil {
		return filteringREST{viewREST{store}}
	}
	return resettingREST{viewREST{store}}
}
