// Package lifecycle runs the hooks of containers and decides which pods a node
// takes.
//
// Upstream: pkg/kubelet/lifecycle (handlers.go, predicate.go).
//
// How it works. A hook is a command, an HTTP request or a sleep; Run gives the
// message that the container's status shall carry when it fails. Admit looks
// whether a pod that was bound here fits: the node's name, selector and
// affinity, resources, host ports and NoExecute taints, as the scheduler would,
// because whoever wrote spec.nodeName need not have asked it.
//
// What we leave out: preemption for critical pods, device plugins, topology.
package lifecycle
