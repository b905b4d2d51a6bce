package controller

// Upstream: pkg/controller/controller_ref_manager.go

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
)

// Refs decides which objects of type T an owner controls, by label selector and
// controller reference, and writes the references that must change.
type Refs[T client.Object] struct {
	API      client.Of[T]
	Owner    metav1.Object
	Kind     schema.GroupVersionKind
	Selector labels.Selector
	// Adoptable is asked once before the first adoption: a fresh read of the
	// owner must show that it is not being deleted.
	Adoptable func(ctx context.Context) error
	// Extra says what else an orphan must be to be adopted; nil is anything.
	Extra func(T) bool
}

// A claim is what is to be done with one object.
type claim int

const (
	ignore  claim = iota // somebody else's
	keep                 // ours, and matching
	adopt                // an orphan that matches
	release              // ours, but matching no more
)

// judge decides about one object.
func (r Refs[T]) judge(obj T) claim {
	ref, matches := metav1.GetControllerOf(obj), r.Selector.Matches(labels.Set(obj.GetLabels()))
	switch leaving := obj.GetDeletionTimestamp() != nil; {
	case ref != nil && ref.UID != r.Owner.GetUID():
		return ignore
	case ref != nil && matches:
		return keep
	case ref != nil && r.Owner.GetDeletionTimestamp() == nil:
		return release
	case ref == nil && matches && !leaving && r.Owner.GetDeletionTimestamp() == nil && (r.Extra == nil || r.Extra(obj)):
		return adopt
	}
	return ignore
}

// Claim returns those of candidates that the owner controls, after adopting and
// releasing what is due.
func (r Refs[T]) Claim(ctx context.Context, candidates []T) (mine []T, err error) {
	var errs []error
	for _, obj := range candidates {
		switch r.judge(obj) {
		case keep:
			mine = append(mine, obj)
		case adopt:
			if err := r.adopt(ctx, obj); err == nil {
				mine = append(mine, obj)
			} else if !apierrors.IsNotFound(err) {
				errs = append(errs, err)
			}
		case release:
			errs = append(errs, r.release(ctx, obj))
		}
	}
	return mine, errors.Join(errs...)
}

func (r Refs[T]) adopt(ctx context.Context, obj T) error {
	if r.Adoptable != nil {
		if err := r.Adoptable(ctx); err != nil {
			return fmt.Errorf("can't adopt %s (%s): %w", Key(obj), obj.GetUID(), err)
		}
	}
	return r.patch(ctx, obj, []any{*metav1.NewControllerRef(r.Owner, r.Kind)})
}

// release removes the owner's reference; an object that is gone, or another by
// now, needs none.
func (r Refs[T]) release(ctx context.Context, obj T) error {
	err := r.patch(ctx, obj, []any{map[string]any{"$patch": "delete", "uid": r.Owner.GetUID()}})
	if apierrors.IsNotFound(err) || apierrors.IsInvalid(err) {
		return nil
	}
	return err
}

func (r Refs[T]) patch(ctx context.Context, obj T, refs []any) error {
	data, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": obj.GetUID(), "ownerReferences": refs}})
	if err != nil {
		return fmt.Errorf("patch owner of %s: %w", Key(obj), err)
	}
	_, err = r.API.Patch(ctx, obj.GetNamespace(), obj.GetName(), types.StrategicMergePatchType, data, "")
	return err
}

// NotDeleted is Adoptable by a fresh read: get must return the owner as it is
// now, with the same UID and no deletion timestamp.
func NotDeleted[T client.Object](owner T, get func(ctx context.Context, ns, name string) (T, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		fresh, err := get(ctx, owner.GetNamespace(), owner.GetName())
		if err != nil {
			return err
		}
		if fresh.GetUID() != owner.GetUID() {
			return fmt.Errorf("original %s is gone: got uid %s, wanted %s", Key(owner), fresh.GetUID(), owner.GetUID())
		}
		if t := fresh.GetDeletionTimestamp(); t != nil {
			return fmt.Errorf("%s has just been deleted at %v", Key(owner), t)
		}
		return nil
	}
}
