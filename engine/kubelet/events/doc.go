// Package events names the reasons of the events that the kubelet writes.
//
// Upstream: pkg/kubelet/events/event.go
//
// How it works. Constants, under upstream's names.
//
// What we leave out: reasons of what this kubelet does not do.
package events
