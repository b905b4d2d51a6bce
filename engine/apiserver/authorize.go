package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/filters/authorization.go and
// pkg/endpoints/handlers/responsewriters/errors.go

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// authorize returns nil if a is allowed, else upstream's error.
func (s *Server) authorize(ctx context.Context, a authorizer.Attributes) error {
	decision, reason, err := s.deps.Authorizer.Authorize(ctx, a)
	switch {
	case decision == authorizer.DecisionAllow: // even if some role could not be read
		return nil
	case err != nil:
		return apierrors.NewInternalError(err)
	}
	return forbidden(a, reason)
}

// forbidden is the error that a may not be done.
func forbidden(a authorizer.Attributes, reason string) error {
	msg := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(cannot(a))
	if reason != "" {
		msg += ": " + reason
	}
	gr := schema.GroupResource{Group: a.GetAPIGroup(), Resource: a.GetResource()}
	return apierrors.NewForbidden(gr, a.GetName(), errors.New(msg))
}

// cannot says who cannot do what.
func cannot(a authorizer.Attributes) string {
	user := ""
	if a.GetUser() != nil {
		user = a.GetUser().GetName()
	}
	if !a.IsResourceRequest() {
		return fmt.Sprintf("User %q cannot %s path %q", user, a.GetVerb(), a.GetPath())
	}
	what := a.GetResource()
	if a.GetSubresource() != "" {
		what += "/" + a.GetSubresource()
	}
	place := "at the cluster scope"
	if a.GetNamespace() != "" {
		place = fmt.Sprintf("in the namespace %q", a.GetNamespace())
	}
	return fmt.Sprintf("User %q cannot %s resource %q in API group %q %s", user, a.GetVerb(), what, a.GetAPIGroup(), place)
}
