// Package review answers who someone is and what they may do: the reviews of
// the API groups authentication.k8s.io and authorization.k8s.io.
//
// Upstream: pkg/registry/authentication and pkg/registry/authorization.
//
// How it works. Each kind is a storage that stores nothing: Create fills in the
// status of what is posted, from the authenticator or the authorizer that also
// judge real requests, and returns it. kubectl auth can-i and kubectl auth
// whoami ask here.
//
// What we leave out: nothing.
package review
