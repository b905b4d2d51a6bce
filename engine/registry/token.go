package registry

import (
	"context"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
)

// A TokenIssuer makes the token of a service account that req asks for, and
// fills in req.Status, and req.Spec.Audiences if there are none. The bound
// objects are checked; what they are not bound to is nil.
type TokenIssuer interface {
	IssueToken(ctx context.Context, sa *corev1.ServiceAccount, req *authenticationv1.TokenRequest, bound TokenBinding) error
}

// A TokenBinding is the objects whose end ends a token.
type TokenBinding struct {
	Pod    *corev1.Pod
	Node   *corev1.Node // of Pod, or bound to itself
	Secret *corev1.Secret
}
