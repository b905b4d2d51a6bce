package registry

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/endpoints/handlers/fieldmanager"
	"k8s.io/apiserver/pkg/registry/rest"
	storageerr "k8s.io/apiserver/pkg/storage/errors"
	"k8s.io/apiserver/pkg/util/dryrun"

	"kubergarten/engine/storage"
)

// modified is what a client hears whose resourceVersion is not the stored one.
const modified = "the object has been modified; please apply your changes to the latest version and try again"

// Update replaces the object called name by what info makes of it. It may be
// created if the strategy says so, or if mayCreate; then created is true.
func (s *Store) Update(ctx context.Context, name string, info rest.UpdatedObjectInfo, validateCreate rest.ValidateObjectFunc, validate rest.ValidateObjectUpdateFunc, mayCreate bool, opts *metav1.UpdateOptions) (out runtime.Object, created bool, err error) {
	ns, err := s.place(ctx, name)
	if err != nil {
		return nil, false, err
	}
	u := updating{Store: s, ns: ns, name: name, info: info, validate: validate, dryRun: opts != nil && dryrun.IsDryRun(opts.DryRun)}
	for {
		out, err = u.update(ctx)
		if !u.missing || !apierrors.IsNotFound(err) || !s.strategy.createOnUpdate && !mayCreate {
			return out, false, err
		}
		out, err = u.create(ctx, validateCreate)
		if !apierrors.IsAlreadyExists(err) || ctx.Err() != nil {
			return out, err == nil, err
		}
	}
}

// updating is one call of Update.
type updating struct {
	*Store
	ns, name string
	info     rest.UpdatedObjectInfo
	validate rest.ValidateObjectUpdateFunc
	dryRun   bool

	missing bool          // the last try found no object
	emptied bool          // the last try took the last finalizer of a deleted object: it goes
	finish  func(ok bool) // ends what the last try reserved
}

func (u *updating) update(ctx context.Context) (runtime.Object, error) {
	u.missing = true
	stored := false
	defer func() { u.settle(stored) }() // also in a panic
	out, err := u.store(u.dryRun).GuaranteedUpdate(ctx, u.ns, u.name, u.preconditions(), func(current runtime.Object) (runtime.Object, error) {
		u.missing = false
		return u.try(ctx, current.DeepCopyObject()) // others read current while the code of many plugins sees it
	})
	stored = err == nil
	if stored && u.emptied && u.gone != nil && !u.dryRun {
		u.gone(ctx, out)
	}
	return out, err
}

// settle ends what the last try reserved, if it came that far.
func (u *updating) settle(ok bool) {
	if u.finish != nil {
		u.finish(ok)
		u.finish = nil
	}
}

func (u *updating) preconditions() *storage.Preconditions {
	pre := &storage.Preconditions{}
	if p := u.info.Preconditions(); p != nil {
		pre.UID, pre.ResourceVersion = p.UID, p.ResourceVersion
	}
	return pre
}

// try makes the new object of the current one. It may be called again, when
// somebody else was faster.
func (u *updating) try(ctx context.Context, current runtime.Object) (runtime.Object, error) {
	obj, err := u.info.UpdatedObject(ctx, current)
	if err != nil {
		return nil, err
	}
	if err := u.checkVersion(obj, current); err != nil {
		return nil, err
	}
	u.settle(false) // an earlier try was in vain
	if u.finish, err = u.reserve(ctx, obj, current, u.dryRun); err != nil {
		return nil, err
	}
	if err := rest.BeforeUpdate(u.strategy, ctx, obj, current); err != nil {
		return nil, err
	}
	if obj, err = fieldmanager.IgnoreManagedFieldsTimestampsTransformer(ctx, obj, current); err != nil {
		return nil, err
	}
	if u.validate != nil {
		if err := u.validate(ctx, obj.DeepCopyObject(), current.DeepCopyObject()); err != nil {
			return nil, err
		}
	}
	if u.emptied = u.strategy.emptied(obj, current); u.emptied {
		return obj, storage.ErrDelete
	}
	return obj, nil
}

// checkVersion compares the resourceVersion of obj with the stored one. An
// empty one is the stored one, if the strategy allows that.
func (u *updating) checkVersion(obj, current runtime.Object) error {
	m, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	stored, err := meta.Accessor(current)
	if err != nil {
		return err
	}
	switch rv := m.GetResourceVersion(); {
	case rv != "" && rv != "0" && rv != stored.GetResourceVersion():
		return apierrors.NewConflict(u.resource.GroupResource(), u.name, errors.New(modified))
	case (rv == "" || rv == "0") && u.strategy.conditional:
		kind := schema.GroupKind{Group: u.resource.Group, Kind: u.resource.Plural} // as upstream: the plural
		return apierrors.NewInvalid(kind, u.name, field.ErrorList{
			field.Invalid(field.NewPath("metadata").Child("resourceVersion"), 0, "must be specified for an update"),
		})
	}
	m.SetResourceVersion(stored.GetResourceVersion())
	return nil
}

// create makes the object that was to be updated. Whoever knows the uid of it
// means one that is gone; its resourceVersion says nothing any more.
func (u *updating) create(ctx context.Context, validate rest.ValidateObjectFunc) (runtime.Object, error) {
	if err := u.preconditions().Check(u.name, u.New()); err != nil {
		return nil, storageerr.InterpretUpdateError(err, u.resource.GroupResource(), u.name)
	}
	obj, err := u.info.UpdatedObject(ctx, u.New())
	if err != nil {
		return nil, err
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, err
	}
	m.SetResourceVersion("")
	return u.Store.create(ctx, obj, validate, u.dryRun)
}

// emptied tells whether obj, an update of old, is deleted and has nothing left
// to wait for.
func (s strategy) emptied(obj, old runtime.Object) bool {
	m, err := meta.Accessor(obj)
	if err != nil || len(m.GetFinalizers()) > 0 {
		return false
	}
	was, err := meta.Accessor(old)
	if err != nil || was.GetDeletionTimestamp() == nil {
		return false
	}
	if g := was.GetDeletionGracePeriodSeconds(); g != nil && *g != 0 {
		return false // still being shut down
	}
	return s.stays == nil || !s.stays(obj)
}
