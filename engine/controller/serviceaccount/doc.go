// Package serviceaccount is the service account controller: every namespace has
// a ServiceAccount "default".
//
// Upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go.
//
// How it works. A namespace that appears, and one whose "default" is deleted,
// is enqueued; sync creates the account unless the namespace is going away.
//
// What we leave out: token Secrets, which upstream makes only on request since
// v1.24; tokens come from the subresource serviceaccounts/token.
package serviceaccount
