package api

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

const templateName = "Pod names and hostnames" // what names of owners of pods become part of

// templateFunc finds the pod template in an internal object.
type templateFunc[I runtime.Object] func(I) *core.PodTemplateSpec

// options are what the template of obj may keep because old's had it.
func (t templateFunc[I]) options(obj, old I) validation.PodValidationOptions {
	return podutil.GetValidationOptionsFromPodTemplate(t(obj), t(old))
}

func (t templateFunc[I]) optionsNew(obj I) validation.PodValidationOptions {
	return podutil.GetValidationOptionsFromPodTemplate(t(obj), nil)
}

func (t templateFunc[I]) warn(ctx context.Context, obj I) []string {
	return podutil.GetWarningsForPodTemplate(ctx, field.NewPath("spec", "template"), t(obj), nil)
}

func (t templateFunc[I]) warnUpdate(ctx context.Context, obj, old I) []string {
	return podutil.GetWarningsForPodTemplate(ctx, field.NewPath("spec", "template"), t(obj), t(old))
}

// drop clears the fields of the template whose features are off. old is the
// zero I on create.
func (t templateFunc[I]) drop() func(obj, old runtime.Object) {
	var none I
	return drop(func(obj, old I) {
		var was *core.PodTemplateSpec
		if runtime.Object(old) != runtime.Object(none) {
			was = t(old)
		}
		podutil.DropDisabledTemplateFields(t(obj), was)
	})
}
