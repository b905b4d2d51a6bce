package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/patch.go (smpPatcher)

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	kjson "sigs.k8s.io/json"

	"kubergarten/engine/api"
)

// strategic is the patcher of strategic merge patches, which know from struct
// tags how to merge lists.
func (p patchRequest) strategic(ctx context.Context, current runtime.Object) (runtime.Object, error) {
	live, err := versioned(current, p.kind.GroupVersion())
	if err != nil {
		return nil, err
	}
	doc, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
	if err != nil {
		return nil, err
	}
	obj, err := p.merged(ctx, doc)
	if err != nil {
		return nil, err
	}
	api.Default(obj)
	api.Fold(obj)
	return p.fields().UpdateNoErrors(current, obj, p.fieldManager(p.opts.FieldManager)), nil
}

func (p patchRequest) merged(ctx context.Context, doc map[string]any) (runtime.Object, error) {
	patch, strict, err := p.patchMap()
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	doc, err = strategicpatch.StrategicMergeMapPatch(doc, patch, p.storage.New())
	if err != nil {
		return nil, interpretMerge(err)
	}
	obj := p.storage.New()
	err = runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(doc, obj, p.strict())
	return obj, p.judge(ctx, err, strict, fmt.Sprintf("%+v", patch))
}

func (p patchRequest) patchMap() (patch map[string]any, strict []error, err error) {
	if p.strict() {
		strict, err = kjson.UnmarshalStrict(p.data, &patch)
	} else {
		err = kjson.UnmarshalCaseSensitivePreserveInts(p.data, &patch)
	}
	return patch, strict, err
}

// interpretMerge gives errors of the merge their code.
func interpretMerge(err error) error {
	for _, bad := range []error{
		mergepatch.ErrBadJSONDoc, mergepatch.ErrBadPatchFormatForPrimitiveList, mergepatch.ErrBadPatchFormatForRetainKeys,
		mergepatch.ErrBadPatchFormatForSetElementOrderList, mergepatch.ErrUnsupportedStrategicMergePatchFormat,
	} {
		if errors.Is(err, bad) {
			return apierrors.NewBadRequest(err.Error())
		}
	}
	if errors.Is(err, mergepatch.ErrNoListOfLists) || errors.Is(err, mergepatch.ErrPatchContentNotMatchRetainKeys) {
		return apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", err.Error(), 0, false)
	}
	return err
}
