package registry

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
)

// DeleteCollection deletes what list selects, one after the other, and returns
// the list of it. An object that is gone meanwhile is fine.
func (s *Store) DeleteCollection(ctx context.Context, validate rest.ValidateObjectFunc, opts *metav1.DeleteOptions, list *internalversion.ListOptions) (runtime.Object, error) {
	found, err := s.List(ctx, list)
	if err != nil {
		return nil, err
	}
	items, err := meta.ExtractList(found)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		m, err := meta.Accessor(item)
		if err != nil {
			return nil, err
		}
		where := ctx
		if s.resource.Namespaced {
			where = genericapirequest.WithNamespace(ctx, m.GetNamespace())
		}
		if _, _, err := s.Delete(where, m.GetName(), validate, opts.DeepCopy()); err != nil && !apierrors.IsNotFound(err) {
			return nil, err
		}
	}
	return found, nil
}
