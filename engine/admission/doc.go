// Package admission is the admission plugins of kube-apiserver, one a file.
//
// Upstream: plugin/pkg/admission, k8s.io/apiserver/pkg/admission.
//
// How it works. Before a write is stored, each plugin in turn may change the
// object (Admit), and then each may refuse it (Validate), in upstream's order. New
// returns the chain of those that are enabled. Plugins read what they go by
// through the API at each request: in this process that costs a microsecond, and
// is never older than what another has just written.
//
// What we leave out: LimitRanger, PodSecurity, ResourceQuota, webhooks, policies in
// CEL, and the plugins of kinds that we do not serve (storage, certificates,
// ingress). To enable one of these by name is an error. Of NodeRestriction, what
// concerns volumes, claims, slices and certificates.
package admission
