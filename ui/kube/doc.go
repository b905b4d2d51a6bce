// Package kube is the page's way to kube-apiserver: HTTPS, as the visitor.
//
// Upstream: k8s.io/cli-runtime/pkg/resource, which is kubectl's way to it.
//
// How it works. A Client is made of the visitor's rest.Config, so the API
// server authenticates and authorizes each request as it does kubectl's, and
// refuses in its own words. Lists are asked for as Tables, the form that
// kubectl prints, and kept current by a watch of Tables. Objects are read and
// written as YAML; a write can be a dry run with strict field validation.
// Command words what a request does as a line for kubectl.
//
// What we leave out. Caches: each visitor sees what the API server lets it see
// now. Protobuf: of kinds that were defined a minute ago there is only JSON.
package kube
