package review

// Upstream: pkg/registry/authentication

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
)

// token says whose a token is.
func (d Deps) token(ctx context.Context, tr *authenticationv1.TokenReview, admit func() error) (*authenticationv1.TokenReview, error) {
	if ns := genericrequest.NamespaceValue(ctx); ns != "" {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("namespace is not allowed on this type: %v", ns))
	}
	if tr.Spec.Token == "" {
		return nil, apierrors.NewBadRequest("token is required for TokenReview in authentication")
	}
	if err := admit(); err != nil {
		return nil, err
	}
	auds := tr.Spec.Audiences
	if len(auds) == 0 {
		auds = d.Audiences
	}
	resp, ok, err := d.authenticate(ctx, tr.Spec.Token, auds)
	tr.Status = authenticationv1.TokenReviewStatus{Authenticated: ok}
	if err != nil {
		tr.Status.Error = err.Error()
	}
	if len(auds) > 0 && resp != nil && len(authenticator.Audiences(auds).Intersect(resp.Audiences)) == 0 {
		return nil, apierrors.NewInternalError(errors.New("error validating audiences"))
	}
	if resp != nil && resp.User != nil {
		tr.Status.User, tr.Status.Audiences = infoOf(resp.User), resp.Audiences
	}
	return tr, nil
}

// authenticate judges a request that contains nothing but the token.
func (d Deps) authenticate(ctx context.Context, token string, auds []string) (*authenticator.Response, bool, error) {
	if len(auds) > 0 {
		ctx = authenticator.WithAudiences(ctx, auds)
	}
	r := &http.Request{Header: http.Header{"Authorization": {"Bearer " + token}}}
	return d.Authenticator.AuthenticateRequest(r.WithContext(ctx))
}

// self says who asks.
func (d Deps) self(ctx context.Context, _ *authenticationv1.SelfSubjectReview, admit func() error) (*authenticationv1.SelfSubjectReview, error) {
	if err := admit(); err != nil {
		return nil, err
	}
	u, ok := genericrequest.UserFrom(ctx)
	if !ok {
		return nil, apierrors.NewBadRequest("no user present on request")
	}
	return &authenticationv1.SelfSubjectReview{
		ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(d.Clock.Now())},
		Status:     authenticationv1.SelfSubjectReviewStatus{UserInfo: infoOf(u)},
	}, nil
}

func infoOf(u user.Info) authenticationv1.UserInfo {
	info := authenticationv1.UserInfo{
		Username: u.GetName(), UID: u.GetUID(), Groups: u.GetGroups(),
		Extra: make(map[string]authenticationv1.ExtraValue, len(u.GetExtra())),
	}
	for k, v := range u.GetExtra() {
		info.Extra[k] = v
	}
	return info
}
