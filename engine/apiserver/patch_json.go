package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/patch.go (jsonPatcher)

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kjson "sigs.k8s.io/json"

	"kubergarten/engine/api"
)

// maxPatchOperations bounds a JSON patch.
const maxPatchOperations = 10000

// boundCopies limits what the "copy" operations of one JSON patch may add up
// to. The library keeps the limit in a variable of its own.
var boundCopies = sync.OnceFunc(func() { jsonpatch.AccumulatedCopySizeLimit = maxBody })

// A patchRequest is a patch on its way.
type patchRequest struct {
	*request
	data       []byte
	opts       *metav1.PatchOptions
	validation string
}

// strict reports whether unknown and duplicate fields matter.
func (p patchRequest) strict() bool { return p.validation != metav1.FieldValidationIgnore }

// json returns a patcher that works on the object's JSON.
func (p patchRequest) json(change func(doc []byte) (out []byte, strict []error, err error)) patcher {
	return func(ctx context.Context, current runtime.Object) (runtime.Object, error) {
		doc, err := p.encode(current)
		if err != nil {
			return nil, err
		}
		doc, warnings, err := change(doc)
		if err != nil {
			return nil, err
		}
		obj, err := p.decode(ctx, doc, warnings)
		if err != nil {
			return nil, err
		}
		api.Fold(obj)
		return p.fields().UpdateNoErrors(current, obj, p.fieldManager(p.opts.FieldManager)), nil
	}
}

func (p patchRequest) encode(obj runtime.Object) ([]byte, error) {
	obj, err := versioned(obj, p.kind.GroupVersion())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = jsonInfo().Serializer.Encode(obj, &b)
	return b.Bytes(), err
}

func (p patchRequest) decode(ctx context.Context, doc []byte, warnings []error) (runtime.Object, error) {
	s := jsonInfo().Serializer
	if p.strict() {
		s = jsonInfo().StrictSerializer
	}
	obj := p.storage.New()
	err := runtime.DecodeInto(api.Codecs().DecoderToVersion(s, p.kind.GroupVersion()), doc, obj)
	return obj, p.judge(ctx, err, warnings, string(doc))
}

// judge turns what strict decoding found into warnings or an error about the
// patch, whose value is given.
func (p patchRequest) judge(ctx context.Context, err error, found []error, value string) error {
	strict, ok := runtime.AsStrictDecodingError(err)
	switch {
	case err != nil && !ok:
	case ok:
		found = append(found, strict.Errors()...)
		err = runtime.NewStrictDecodingError(found)
	case len(found) > 0:
		err = runtime.NewStrictDecodingError(found)
	default:
		return nil
	}
	if len(found) > 0 && p.validation == metav1.FieldValidationWarn {
		warnStrict(ctx, found)
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{}, "", field.ErrorList{field.Invalid(field.NewPath("patch"), value, err.Error())})
}

// patchOp is for finding unknown fields in a JSON patch.
type patchOp struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	From  string `json:"from"`
	Value any    `json:"value"`
}

func (p patchRequest) jsonPatch(doc []byte) (out []byte, strict []error, err error) {
	boundCopies()
	if p.strict() {
		var ops []patchOp
		if strict, err = kjson.UnmarshalStrict(p.data, &ops); err != nil {
			return nil, nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
		}
		for i, e := range strict {
			strict[i] = fmt.Errorf("json patch %w", e)
		}
	}
	ops, err := jsonpatch.DecodePatch(p.data)
	if err != nil {
		return nil, nil, apierrors.NewBadRequest(err.Error())
	}
	if len(ops) > maxPatchOperations {
		return nil, nil, apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("The allowed maximum operations in a JSON patch is %d, got %d", maxPatchOperations, len(ops)))
	}
	if out, err = ops.Apply(doc); err != nil {
		return nil, nil, apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", err.Error(), 0, false)
	}
	return out, strict, nil
}

func (p patchRequest) mergePatch(doc []byte) (out []byte, strict []error, err error) {
	if p.strict() {
		if strict, err = kjson.UnmarshalStrict(p.data, &map[string]any{}); err != nil {
			return nil, nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
		}
	}
	out, err = jsonpatch.MergePatch(doc, p.data)
	if errors.Is(err, jsonpatch.ErrBadJSONPatch) {
		err = apierrors.NewBadRequest(err.Error())
	}
	return out, strict, err
}
