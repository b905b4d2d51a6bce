// Package server answers the API server's questions to a node: logs, exec,
// attach, port-forward, and what its containers use.
//
// Upstream: pkg/kubelet/server, pkg/kubelet/kubelet_pods.go.
//
// How it works. The API server calls the methods directly, with streams; each
// finds the container by the pod's newest status and hands the streams to the
// runtime, or reads the log file. Refusals are API errors in upstream's words.
//
// What we leave out: the HTTP server itself, its authentication and
// authorization (the API server has done both), metrics, debugging endpoints,
// and of the stats what is not CPU or memory of containers.
package server
