package review

import (
	"context"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/utils/clock"
)

// Deps are those who know the answers.
type Deps struct {
	Authenticator authenticator.Request
	Audiences     []string // that tokens must be for, unless a review names others
	Authorizer    authorizer.Authorizer
	Rules         authorizer.RuleResolver // may be nil: then rules are incomplete
	Clock         clock.PassiveClock
}

// Storages returns what answers each kind of review.
func Storages(d Deps) map[schema.GroupVersionResource]rest.Storage {
	authn, authz := authenticationv1.SchemeGroupVersion, authorizationv1.SchemeGroupVersion
	return map[schema.GroupVersionResource]rest.Storage{
		authn.WithResource("tokenreviews"):              storage[*authenticationv1.TokenReview]{singular: "tokenreview", review: d.token},
		authn.WithResource("selfsubjectreviews"):        storage[*authenticationv1.SelfSubjectReview]{singular: "selfsubjectreview", review: d.self},
		authz.WithResource("subjectaccessreviews"):      storage[*authorizationv1.SubjectAccessReview]{singular: "subjectaccessreview", review: d.access},
		authz.WithResource("selfsubjectaccessreviews"):  storage[*authorizationv1.SelfSubjectAccessReview]{singular: "selfsubjectaccessreview", review: d.selfAccess},
		authz.WithResource("localsubjectaccessreviews"): storage[*authorizationv1.LocalSubjectAccessReview]{singular: "localsubjectaccessreview", review: d.localAccess, namespaced: true},
		authz.WithResource("selfsubjectrulesreviews"):   storage[*authorizationv1.SelfSubjectRulesReview]{singular: "selfsubjectrulesreview", review: d.rules},
	}
}

// A storage stores nothing: it answers what is posted.
type storage[T runtime.Object] struct {
	singular   string
	namespaced bool
	review     func(ctx context.Context, posted T, admit func() error) (T, error)
}

var (
	_ rest.Creater              = storage[*authenticationv1.TokenReview]{}
	_ rest.Scoper               = storage[*authenticationv1.TokenReview]{}
	_ rest.SingularNameProvider = storage[*authenticationv1.TokenReview]{}
)

// New implements rest.Storage.
func (s storage[T]) New() runtime.Object {
	var t T
	return newOf(t)
}

// Destroy implements rest.Storage.
func (s storage[T]) Destroy() {}

// NamespaceScoped implements rest.Scoper.
func (s storage[T]) NamespaceScoped() bool { return s.namespaced }

// GetSingularName implements rest.SingularNameProvider.
func (s storage[T]) GetSingularName() string { return s.singular }

// Create implements rest.Creater.
func (s storage[T]) Create(ctx context.Context, obj runtime.Object, validate rest.ValidateObjectFunc, _ *metav1.CreateOptions) (runtime.Object, error) {
	posted, ok := obj.(T)
	if !ok {
		return nil, notA(s.New(), obj)
	}
	return s.review(ctx, posted, func() error {
		if validate == nil {
			return nil
		}
		return validate(ctx, obj.DeepCopyObject())
	})
}
