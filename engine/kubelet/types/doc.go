// Package types is what every part of the kubelet calls a pod's kinds: static,
// mirror, critical.
//
// Upstream: pkg/kubelet/types.
//
// How it works. Annotations under kubernetes.io/config.* say where a pod comes
// from: its file, or the API server; a mirror pod is the API server's picture
// of a static pod.
//
// What we leave out: pods from URLs.
package types
