// Package component is the one shape of everything that runs in the cluster,
// the order in which such things start and stop, and the doors at which they
// find one another.
//
// Upstream: k8s.io/component-base, and cmd/kubeadm's order of phases.
//
// How it works. A Component has a name and a Run that blocks and owns its
// goroutines. Run starts stages in order, each after the one before is ready,
// and stops them in reverse, so that the API server still answers while
// kubelets write their last status. A Door stands where upstream has an
// address and a port: the API server opens one, clients enter it, and while
// nobody holds it open they get "connection refused", as on a real wire.
//
// What we leave out: health endpoints, flags and versions of components, which
// belong to the components themselves.
package component
