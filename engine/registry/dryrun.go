package registry

// Upstream: k8s.io/apiserver/pkg/registry/generic/registry/dryrun.go

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	storageerr "k8s.io/apiserver/pkg/storage/errors"

	"kubergarten/engine/storage"
)

// store returns the objects of s, or a view that stores nothing.
func (s *Store) store(dryRun bool) objects {
	if dryRun {
		return dryRunObjects{s.objects, s.resource.GroupResource()}
	}
	return s.objects
}

// dryRunObjects does everything but write.
type dryRunObjects struct {
	objects
	resource schema.GroupResource
}

// Create fails if the object exists, else returns it unchanged.
func (d dryRunObjects) Create(ctx context.Context, ns, name string, obj runtime.Object) (runtime.Object, error) {
	_, err := d.Get(ctx, ns, name, "")
	if err == nil {
		return nil, apierrors.NewAlreadyExists(d.resource, name)
	}
	if !apierrors.IsNotFound(err) {
		return nil, err
	}
	return obj, nil
}

// GuaranteedUpdate returns what would be written or deleted.
func (d dryRunObjects) GuaranteedUpdate(ctx context.Context, ns, name string, pre *storage.Preconditions, update func(runtime.Object) (runtime.Object, error)) (runtime.Object, error) {
	current, err := d.Get(ctx, ns, name, "")
	if err != nil {
		return nil, err
	}
	if err := pre.Check(name, current); err != nil {
		return nil, storageerr.InterpretUpdateError(err, d.resource, name)
	}
	out, err := update(current)
	if err != nil && !errors.Is(err, storage.ErrDelete) {
		return nil, err
	}
	return out, nil
}
