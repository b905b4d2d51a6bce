package review

// Upstream: pkg/registry/authorization

import (
	"context"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
)

// access says whether the subject of the review may do what it describes.
func (d Deps) access(ctx context.Context, r *authorizationv1.SubjectAccessReview, admit func() error) (*authorizationv1.SubjectAccessReview, error) {
	if err := invalid("SubjectAccessReview", validateAccess(r.Spec, r.ObjectMeta)); err != nil {
		return nil, err
	}
	if err := admit(); err != nil {
		return nil, err
	}
	r.Status = d.judge(ctx, attributes(subject(r.Spec), r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes))
	return r, nil
}

// selfAccess says whether who asks may do what the review describes.
func (d Deps) selfAccess(ctx context.Context, r *authorizationv1.SelfSubjectAccessReview, admit func() error) (*authorizationv1.SelfSubjectAccessReview, error) {
	if err := invalid("SelfSubjectAccessReview", validateSelfAccess(r)); err != nil {
		return nil, err
	}
	u, ok := genericrequest.UserFrom(ctx)
	if !ok {
		return nil, apierrors.NewBadRequest("no user present on request")
	}
	if err := admit(); err != nil {
		return nil, err
	}
	r.Status = d.judge(ctx, attributes(u, r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes))
	return r, nil
}

// localAccess is access within one namespace.
func (d Deps) localAccess(ctx context.Context, r *authorizationv1.LocalSubjectAccessReview, admit func() error) (*authorizationv1.LocalSubjectAccessReview, error) {
	if err := invalid("LocalSubjectAccessReview", validateLocalAccess(r)); err != nil {
		return nil, err
	}
	ns := genericrequest.NamespaceValue(ctx)
	if ns == "" {
		return nil, apierrors.NewBadRequest("namespace is required on this type: ")
	}
	if ns != r.Namespace {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("spec.resourceAttributes.namespace must match namespace: %v", ns))
	}
	if err := admit(); err != nil {
		return nil, err
	}
	r.Status = d.judge(ctx, attributes(subject(r.Spec), r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes))
	return r, nil
}

// rules lists all that who asks may do in a namespace.
func (d Deps) rules(ctx context.Context, r *authorizationv1.SelfSubjectRulesReview, admit func() error) (*authorizationv1.SelfSubjectRulesReview, error) {
	u, ok := genericrequest.UserFrom(ctx)
	if !ok {
		return nil, apierrors.NewBadRequest("no user present on request")
	}
	if r.Spec.Namespace == "" {
		return nil, apierrors.NewBadRequest("no namespace on request")
	}
	if err := admit(); err != nil {
		return nil, err
	}
	out := &authorizationv1.SelfSubjectRulesReview{}
	out.Status.ResourceRules, out.Status.NonResourceRules = []authorizationv1.ResourceRule{}, []authorizationv1.NonResourceRule{}
	if d.Rules == nil {
		out.Status.Incomplete = true
		return out, nil
	}
	resource, other, incomplete, err := d.Rules.RulesFor(ctx, u, r.Spec.Namespace)
	for _, i := range resource {
		out.Status.ResourceRules = append(out.Status.ResourceRules, authorizationv1.ResourceRule{
			Verbs: i.GetVerbs(), APIGroups: i.GetAPIGroups(), Resources: i.GetResources(), ResourceNames: i.GetResourceNames(),
		})
	}
	for _, i := range other {
		out.Status.NonResourceRules = append(out.Status.NonResourceRules, authorizationv1.NonResourceRule{Verbs: i.GetVerbs(), NonResourceURLs: i.GetNonResourceURLs()})
	}
	out.Status.Incomplete = incomplete
	if err != nil {
		out.Status.EvaluationError = err.Error()
	}
	return out, nil
}

// judge asks the authorizer.
func (d Deps) judge(ctx context.Context, a authorizer.AttributesRecord) authorizationv1.SubjectAccessReviewStatus {
	decision, reason, err := d.Authorizer.Authorize(ctx, a)
	return authorizationv1.SubjectAccessReviewStatus{
		Allowed: decision == authorizer.DecisionAllow,
		Denied:  decision == authorizer.DecisionDeny,
		Reason:  reason, EvaluationError: evaluationError(err, a),
	}
}

func subject(spec authorizationv1.SubjectAccessReviewSpec) user.Info {
	extra := make(map[string][]string, len(spec.Extra))
	for k, v := range spec.Extra {
		extra[k] = v
	}
	return &user.DefaultInfo{Name: spec.User, Groups: spec.Groups, UID: spec.UID, Extra: extra}
}
