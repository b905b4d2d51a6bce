// Package prober asks containers how they are.
//
// Upstream: pkg/kubelet/prober, pkg/probe.
//
// How it works. Each probe of each container is a worker without a goroutine:
// a timer of the cluster's clock begins a run, and its end sets the timer
// anew. A run looks at the pod's status first, as upstream's worker does: is
// the container there, has it started, has its delay passed. Results that pass
// their threshold are kept by container ID, and whoever cares is told: status
// (ready, started) and the pod workers (restart). HTTP, TCP and gRPC probes go
// through the node's network namespace, so they reach pods and nothing else.
//
// What we leave out: names in a probe's host field other than localhost, and
// probes at once when the kubelet restarts (containers restart with it).
package prober
