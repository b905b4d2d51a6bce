// Package objects keeps the ConfigMaps and Secrets that a node's pods refer to.
//
// Upstream: pkg/kubelet/util/manager (watch_based_manager.go), configmap, secret.
//
// How it works. A pod registers what it refers to; each object is then watched,
// by its name, for as long as any registered pod refers to it, so that the node
// asks for nothing that is not its own. Who reads an object waits until the
// watch has told whether it exists. Each later change is reported to the
// kubelet, which brings volumes up to date or starts a pod that waited.
//
// What we leave out: caches by time, and plain gets.
package objects
