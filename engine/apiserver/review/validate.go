package review

// Upstream: pkg/apis/authorization/validation

import (
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func invalid(kind string, errs field.ErrorList) error {
	if len(errs) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Group: authorizationv1.GroupName, Kind: kind}, "", errs)
}

func validateAccess(spec authorizationv1.SubjectAccessReviewSpec, m metav1.ObjectMeta) field.ErrorList {
	errs := validateOne(spec.ResourceAttributes, spec.NonResourceAttributes)
	if spec.User == "" && len(spec.Groups) == 0 {
		errs = append(errs, field.Invalid(field.NewPath("spec", "user"), spec.User, `at least one of user or group must be specified`))
	}
	return append(errs, validateMeta(m, `must be empty`)...)
}

func validateSelfAccess(r *authorizationv1.SelfSubjectAccessReview) field.ErrorList {
	return append(validateOne(r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes), validateMeta(r.ObjectMeta, `must be empty`)...)
}

func validateLocalAccess(r *authorizationv1.LocalSubjectAccessReview) field.ErrorList {
	m := r.ObjectMeta
	m.Namespace = ""
	errs := validateAccess(r.Spec, metav1.ObjectMeta{})
	errs = append(errs, validateMeta(m, `must be empty except for namespace`)...)
	if a := r.Spec.ResourceAttributes; a != nil && a.Namespace != r.Namespace {
		errs = append(errs, field.Invalid(field.NewPath("spec.resourceAttributes.namespace"), a.Namespace, `must match metadata.namespace`))
	}
	if r.Spec.NonResourceAttributes != nil {
		errs = append(errs, field.Invalid(field.NewPath("spec.nonResourceAttributes"), r.Spec.NonResourceAttributes, `disallowed on this kind of request`))
	}
	return errs
}

func validateMeta(m metav1.ObjectMeta, must string) field.ErrorList {
	m.ManagedFields = nil
	if apiequality.Semantic.DeepEqual(metav1.ObjectMeta{}, m) {
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath("metadata"), m, must)}
}

// validateOne checks that exactly one sort of attributes is there.
func validateOne(res *authorizationv1.ResourceAttributes, other *authorizationv1.NonResourceAttributes) field.ErrorList {
	spec := field.NewPath("spec")
	switch {
	case res != nil && other != nil:
		return field.ErrorList{field.Invalid(spec.Child("nonResourceAttributes"), other, `cannot be specified in combination with resourceAttributes`)}
	case res == nil && other == nil:
		return field.ErrorList{field.Invalid(spec.Child("resourceAttributes"), other, `exactly one of nonResourceAttributes or resourceAttributes must be specified`)}
	case res == nil:
		return nil
	}
	at := field.NewPath("spec.resourceAttributes")
	var errs field.ErrorList
	if s := res.FieldSelector; s != nil {
		errs = append(errs, validateSelector(at.Child("fieldSelector"), s.RawSelector, len(s.Requirements))...)
	}
	if s := res.LabelSelector; s != nil {
		errs = append(errs, validateSelector(at.Child("labelSelector"), s.RawSelector, len(s.Requirements))...)
	}
	return errs
}

func validateSelector(at *field.Path, raw string, requirements int) field.ErrorList {
	switch {
	case raw != "" && requirements > 0:
		return field.ErrorList{field.Invalid(at.Child("rawSelector"), raw, "may not specified at the same time as requirements")}
	case raw == "" && requirements == 0:
		return field.ErrorList{field.Required(at.Child("requirements"), fmt.Sprintf("when %s is specified, requirements or rawSelector is required", at))}
	}
	return nil
}
