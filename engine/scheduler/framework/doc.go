// Package framework is the scheduling framework: the points at which plugins
// have a say, and what they are told.
//
// Upstream: k8s.io/kube-scheduler/framework, pkg/scheduler/framework (and its runtime).
//
// How it works. A plugin implements one or more of the interfaces in
// plugin.go. A Profile is a list of plugins in order, with weights; its Run
// functions ask them point by point and stop at the first refusal. NodeInfo is
// a node with the sums over its pods, immutable once published, so that a
// Snapshot is but a slice of pointers. CycleState carries what a plugin worked
// out at one point to its next.
//
// What we leave out: Permit, Reserve and PreBind, which no plugin here needs;
// parallel filtering, since one node takes about a microsecond.
package framework
