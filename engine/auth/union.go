package auth

// Upstream: k8s.io/apiserver/pkg/authorization/{union,authorizerfactory}

import (
	"context"
	"slices"
	"strings"

	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// union asks one after the other, until one has an opinion. If none has, the
// reasons of all are told.
type union []authorizer.Authorizer

var _ authorizer.Authorizer = union{}

// Authorize implements authorizer.Authorizer.
func (u union) Authorize(ctx context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	var errs []error
	var reasons []string
	for _, each := range u {
		decision, reason, err := each.Authorize(ctx, a)
		if decision != authorizer.DecisionNoOpinion {
			return decision, reason, err
		}
		if err != nil {
			errs = append(errs, err)
		}
		if reason != "" {
			reasons = append(reasons, reason)
		}
	}
	return authorizer.DecisionNoOpinion, strings.Join(reasons, "\n"), utilerrors.NewAggregate(errs)
}

// superusers lets the group system:masters do everything.
type superusers struct{}

// Authorize implements authorizer.Authorizer.
func (superusers) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	if who := a.GetUser(); who != nil && slices.Contains(who.GetGroups(), user.SystemPrivilegedGroup) {
		return authorizer.DecisionAllow, "", nil
	}
	return authorizer.DecisionNoOpinion, "", nil
}

// always answers the same to all.
type always struct {
	decision authorizer.Decision
	reason   string
}

// Authorize implements authorizer.Authorizer.
func (d always) Authorize(context.Context, authorizer.Attributes) (authorizer.Decision, string, error) {
	return d.decision, d.reason, nil
}
