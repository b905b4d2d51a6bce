package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/patch.go

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/trace"
)

// patchTypes are the media types of patches, in upstream's order.
func patchTypes() []string {
	return []string{
		string(types.JSONPatchType), string(types.MergePatchType),
		string(types.StrategicMergePatchType), string(types.ApplyYAMLPatchType),
	}
}

// A patcher makes the new version of an object from the stored one.
type patcher func(ctx context.Context, current runtime.Object) (runtime.Object, error)

// patch changes the object of the request's name as data says. Only apply may
// create it.
func (q *request) patch(ctx context.Context, pt types.PatchType, data []byte, opts *metav1.PatchOptions) (out runtime.Object, created bool, err error) {
	if err := invalidOptions("PatchOptions", validation.ValidatePatchOptions(opts, pt)); err != nil {
		return nil, false, err
	}
	change, err := q.patcher(pt, data, opts)
	if err != nil {
		return nil, false, err
	}
	ctx = q.context(ctx)
	q.step(trace.Decoded, nil, string(pt))
	update := updateOf(opts)
	info := rest.DefaultUpdatedObjectInfo(nil, q.patched(change, pt == types.ApplyYAMLPatchType), q.admit(update, createOf(update), opts.DryRun))
	return q.put(ctx, info, update, pt == types.ApplyYAMLPatchType)
}

func (q *request) patcher(pt types.PatchType, data []byte, opts *metav1.PatchOptions) (patcher, error) {
	if err := tooDeep(data); pt != types.ApplyYAMLPatchType && err != nil {
		return nil, err
	}
	p := patchRequest{request: q, data: data, opts: opts, validation: fieldValidation(opts.FieldValidation)}
	switch pt {
	case types.JSONPatchType:
		return p.json(p.jsonPatch), nil
	case types.MergePatchType:
		return p.json(p.mergePatch), nil
	case types.StrategicMergePatchType:
		return p.strategic, nil
	case types.ApplyYAMLPatchType:
		return p.apply, nil
	}
	return nil, negotiation.NewUnsupportedMediaTypeError(patchTypes())
}

// patched runs change on the stored object, or on nothing if it mayCreate.
func (q *request) patched(change patcher, mayCreate bool) rest.TransformFunc {
	return func(ctx context.Context, _, current runtime.Object) (runtime.Object, error) {
		exists, err := hasUID(current)
		if err != nil {
			return nil, err
		}
		if !exists {
			if !mayCreate {
				return nil, apierrors.NewNotFound(q.gvr.GroupResource(), q.name)
			}
			current = q.storage.New()
		}
		obj, err := change(ctx, current)
		if err != nil {
			return nil, err
		}
		return obj, q.checkPatched(obj, exists)
	}
}

func (q *request) checkPatched(obj runtime.Object, existed bool) error {
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil
	}
	if m.GetUID() != "" && !existed {
		return apierrors.NewConflict(q.gvr.GroupResource(), q.name, fmt.Errorf("uid mismatch: the provided object specified uid %s, and no existing object was found", m.GetUID()))
	}
	if err := rest.EnsureObjectNamespaceMatchesRequestNamespace(rest.ExpectedNamespaceForResource(q.ns, q.gvr), m); err != nil {
		return err
	}
	return q.sameName(obj)
}

func updateOf(o *metav1.PatchOptions) *metav1.UpdateOptions {
	return &metav1.UpdateOptions{
		TypeMeta: metav1.TypeMeta{Kind: "UpdateOptions", APIVersion: "meta.k8s.io/v1"},
		DryRun:   o.DryRun, FieldManager: o.FieldManager, FieldValidation: o.FieldValidation,
	}
}

// fieldValidation is what to do about unknown and duplicate fields.
func fieldValidation(directive string) string {
	if directive == "" {
		return metav1.FieldValidationWarn
	}
	return directive
}
