// Package daemon is the DaemonSet controller: one pod on each node that fits.
//
// Upstream: pkg/controller/daemon.
//
// How it works. A change of a DaemonSet, of one of its pods or of a node
// enqueues the DaemonSet. For each node it asks two things: should a pod start
// there, and may one that runs there stay. The answers come from the node's
// taints and labels alone, by the rules of the scheduler. A pod is bound by the
// scheduler, but to the one node that its node affinity names; the tolerations
// that a daemon has by right are added. An update replaces pods of the old
// template, at most maxUnavailable at a time (RollingUpdate), or leaves it to
// whoever deletes them (OnDelete); each template is kept as a ControllerRevision.
//
// What we leave out: merging two revisions of one template, which only somebody
// who copies revisions by hand can make; metrics.
package daemon
