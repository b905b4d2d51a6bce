// Package auth knows who asks, and what they may do.
//
// Upstream: pkg/serviceaccount, plugin/pkg/auth/authorizer/{rbac,node},
// k8s.io/apiserver/pkg/authentication.
//
// How it works. Who asks is told by a client certificate (its common name is the
// user, its organizations are the groups) or by the token of a service account: a
// JWT that we have signed, whose account, and pod if it is bound to one, must still
// exist with the same UID. What they may do is asked of the authorizers in turn;
// the first with an opinion decides: system:masters may everything, Node allows a
// kubelet what the pods bound to it need, RBAC allows what a rule of a role says
// that a binding gives to the user or to a group of theirs. The objects that RBAC
// and Node go by are watched through the API, like everybody else's.
//
// What we leave out: bootstrap tokens, OIDC, webhooks, request headers of a front
// proxy, ABAC, secrets that hold tokens for ever, extension of the expiry of
// projected tokens (--service-account-extend-token-expiration=false); and in Node
// volumes, resource claims, resource slices and pod certificate requests, for there
// are none yet.
package auth
