package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/patch.go (applyPatcher)

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"

	"kubergarten/engine/api"
)

// apply is the patcher of server-side apply: the data is the object as its
// manager wants it, and managedFields says what that takes from whom.
func (p patchRequest) apply(ctx context.Context, current runtime.Object) (runtime.Object, error) {
	want := &unstructured.Unstructured{Object: map[string]any{}}
	if err := yaml.Unmarshal(p.data, &want.Object); err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding YAML: %v", err))
	}
	force := p.opts.Force != nil && *p.opts.Force
	obj, err := p.fields().Apply(current, want, p.opts.FieldManager, force)
	if err != nil {
		return nil, err
	}
	api.Fold(obj)
	if !p.strict() {
		return obj, nil
	}
	if err := yaml.UnmarshalStrict(p.data, &map[string]any{}); err != nil {
		if p.validation == metav1.FieldValidationStrict {
			return nil, apierrors.NewBadRequest(fmt.Sprintf("error strict decoding YAML: %v", err))
		}
		warnStrict(ctx, []error{err})
	}
	return obj, nil
}
