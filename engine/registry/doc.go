// Package registry is what each resource allows: how an object is prepared,
// validated, changed and taken away, over one generic store.
//
// Upstream: pkg/registry, and k8s.io/apiserver/pkg/registry.
//
// How it works. One file per resource holds its strategy: what a client may not
// set, when the generation grows, which rules of package api judge it. One
// generic Store does the work for all of them: names, uids, conflicts, dry-run,
// finalizers, graceful deletion, propagation. Beside it lie the deeds that are
// more than an update: binding, eviction, scale, token, and the allocation of
// cluster IPs and node ports for services. Registry puts them together and
// answers which rest.Storage serves a resource or subresource.
//
// What we leave out: PodDisruptionBudgets in eviction; the proxy, exec, attach,
// log and port-forward subresources, and the reviews, which are package
// apiserver's; pods/resize; the sync of AppArmor annotations with their field;
// ServiceCIDR and IPAddress objects, and two families of cluster IPs; several
// API servers that allocate cluster IPs at the same time.
package registry
