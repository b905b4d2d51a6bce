package api

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/operation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
)

// Rules judge the objects of one kind, or what may be done to it through one
// subresource, in upstream's words. Objects are v1 and are not changed, except
// by Drop. A nil function has nothing to say; a rule of a subresource has no
// Create.
type Rules struct {
	Create     func(ctx context.Context, obj runtime.Object) field.ErrorList
	Update     func(ctx context.Context, obj, old runtime.Object) field.ErrorList
	WarnCreate func(ctx context.Context, obj runtime.Object) []string
	WarnUpdate func(ctx context.Context, obj, old runtime.Object) []string
	// Drop clears the fields of obj whose feature gate is off, unless old (nil
	// on create) has them already.
	Drop func(obj, old runtime.Object)
}

// create makes a Create rule of a function on upstream's internal type.
func create[I runtime.Object](f func(I) field.ErrorList) func(context.Context, runtime.Object) field.ErrorList {
	return func(_ context.Context, obj runtime.Object) field.ErrorList {
		in, err := as[I](obj)
		if err != nil {
			return field.ErrorList{field.InternalError(nil, err)}
		}
		return f(in)
	}
}

// update makes an Update rule of a function on upstream's internal type.
func update[I runtime.Object](f func(obj, old I) field.ErrorList) func(context.Context, runtime.Object, runtime.Object) field.ErrorList {
	return func(_ context.Context, obj, old runtime.Object) field.ErrorList {
		in, was, err := bothAs[I](obj, old)
		if err != nil {
			return field.ErrorList{field.InternalError(nil, err)}
		}
		return f(in, was)
	}
}

// warn makes a WarnCreate rule of a function on upstream's internal type.
func warn[I runtime.Object](f func(context.Context, I) []string) func(context.Context, runtime.Object) []string {
	return func(ctx context.Context, obj runtime.Object) []string {
		in, err := as[I](obj)
		if err != nil {
			return nil // Create has said so
		}
		return f(ctx, in)
	}
}

// warnUpdate makes a WarnUpdate rule of a function on upstream's internal type.
func warnUpdate[I runtime.Object](f func(ctx context.Context, obj, old I) []string) func(context.Context, runtime.Object, runtime.Object) []string {
	return func(ctx context.Context, obj, old runtime.Object) []string {
		in, was, err := bothAs[I](obj, old)
		if err != nil {
			return nil
		}
		return f(ctx, in, was)
	}
}

// warnAlways makes a WarnUpdate rule of one that only looks at the new object.
func warnAlways(f func(context.Context, runtime.Object) []string) func(context.Context, runtime.Object, runtime.Object) []string {
	return func(ctx context.Context, obj, _ runtime.Object) []string { return f(ctx, obj) }
}

// drop makes a Drop rule of a function on upstream's internal type.
func drop[I runtime.Object](f func(obj, old I)) func(obj, old runtime.Object) {
	return func(obj, old runtime.Object) {
		in, err := as[I](obj)
		if err != nil {
			return // validation will say so
		}
		var was I
		if old != nil {
			if was, err = as[I](old.DeepCopyObject()); err != nil {
				return
			}
		}
		f(in, was)
		_ = Scheme().Convert(in, obj, nil) // what came from obj goes back to it
	}
}

// as returns v1 obj as internal type I; it may share memory with obj.
func as[I runtime.Object](obj runtime.Object) (in I, err error) {
	hub, err := internal(obj)
	if err != nil {
		return in, err
	}
	in, ok := hub.(I)
	if !ok {
		return in, fmt.Errorf("%T is not the internal type of %T", in, obj)
	}
	return in, nil
}

func bothAs[I runtime.Object](obj, old runtime.Object) (in, was I, err error) {
	if in, err = as[I](obj); err != nil {
		return in, was, err
	}
	was, err = as[I](old)
	return in, was, err
}

// declared adds to r the rules that upstream declares on the v1 types.
func declared(r Rules, opts ...rest.ValidationConfig) Rules {
	create, update := r.Create, r.Update
	if create != nil {
		r.Create = func(ctx context.Context, obj runtime.Object) field.ErrorList {
			errs := create(ctx, obj)
			return rest.ValidateDeclarativelyWithMigrationChecks(about(ctx, obj), Scheme(), obj, nil, errs, operation.Create, opts...)
		}
	}
	r.Update = func(ctx context.Context, obj, old runtime.Object) field.ErrorList {
		errs := update(ctx, obj, old)
		return rest.ValidateDeclarativelyWithMigrationChecks(about(ctx, obj), Scheme(), obj, old, errs, operation.Update, opts...)
	}
	return r
}

// about makes sure that ctx names the group and version that obj has, which
// calls in process need not have said.
func about(ctx context.Context, obj runtime.Object) context.Context {
	gvk, err := Kind(obj)
	if err != nil {
		return ctx
	}
	info := &genericapirequest.RequestInfo{IsResourceRequest: true}
	if i, ok := genericapirequest.RequestInfoFrom(ctx); ok {
		if i.APIGroup == gvk.Group && i.APIVersion == gvk.Version {
			return ctx
		}
		*info = *i
	}
	info.APIGroup, info.APIVersion = gvk.Group, gvk.Version
	return genericapirequest.WithRequestInfo(ctx, info)
}
