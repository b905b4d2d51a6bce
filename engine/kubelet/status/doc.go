// Package status tells the API server how the node's pods are.
//
// Upstream: pkg/kubelet/status (status_manager.go, generate.go).
//
// How it works. SetPodStatus keeps the newest status of each pod. Whatever
// differs from what the API server has is sent at once as a strategic merge
// patch of the status, by one goroutine a pod that lives as long as there is
// something to send; what changed meanwhile goes into the next patch. If the
// server cannot be reached, the status waits until its door opens, or tries
// again later. When a pod that is being deleted has come to its end, the last
// patch is followed by the deletion with no grace, which removes the object.
// The rules by which conditions follow from container statuses are pure
// functions, in generate.go.
//
// What we leave out: in-place resize, and the check of static pods' statuses
// by polling (an informer tells of mirror pods).
package status
