// Package endpointslice is the EndpointSlice controller: it writes down which
// pods stand behind a Service.
//
// Upstream: pkg/controller/endpointslice, k8s.io/endpointslice.
//
// How it works. A change of a Service, of a pod that its selector matches, of a
// node, or of one of its slices enqueues the Service. Sync lists the selected
// pods that have an address and have not ended, and resolves the Service's
// target ports in each; pods whose ports resolve alike share slices. What the
// slices there are already hold is kept where it is; endpoints that changed are
// changed in place, others are removed, new ones fill up what has room (100 a
// slice) before another slice is made. A slice with nothing left is made into
// one that is needed rather than replaced by it.
//
// What we leave out: topology hints and traffic distribution, IPv6, the limit of
// updates a second (upstream's is for etcd's sake), and batching of changes: a
// change is written at once.
package endpointslice
