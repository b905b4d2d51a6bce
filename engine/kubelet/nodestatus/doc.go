// Package nodestatus words how a node is.
//
// Upstream: pkg/kubelet/nodestatus/setters.go
//
// How it works. Each function brings one part of a node's status up to date and
// says, where upstream writes an event, which.
//
// What we leave out: cloud providers' addresses, device plugins, pressure:
// memory, disk and PIDs always suffice.
package nodestatus
