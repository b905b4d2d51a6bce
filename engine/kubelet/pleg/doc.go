// Package pleg is the pod lifecycle event generator: it notices what changed in
// the runtimes.
//
// Upstream: pkg/kubelet/pleg (evented.go, generic.go).
//
// How it works. Each runtime reports what happens to its containers and
// sandboxes (CRI's GetContainerEvents); the generator turns that into one event
// of a pod and hands it on at once, so nothing is listed over and over. A slow
// relist, on the cluster's clock, only makes sure that nothing is ever missed.
//
// What we leave out: the generic PLEG's list every second, and its health check.
package pleg
