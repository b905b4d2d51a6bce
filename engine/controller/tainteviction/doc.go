// Package tainteviction is the taint eviction controller: it deletes pods from
// nodes with a NoExecute taint that they do not tolerate, or not for ever.
//
// Upstream: pkg/controller/tainteviction.
//
// How it works. A change of a pod's tolerations or node, or of a node's taints,
// enqueues the pods concerned. Sync asks how long the pod tolerates all
// NoExecute taints of its node together: not at all, and it is deleted now; for
// ever, and nothing happens; else the key comes back when the time is up,
// counted from when the taint was first seen. If the taint or the pod goes
// before that, the eviction is cancelled, and an event says so.
//
// What we leave out: metrics.
package tainteviction
