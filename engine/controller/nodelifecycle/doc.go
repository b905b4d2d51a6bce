// Package nodelifecycle is the node lifecycle controller: it notices that a
// node has fallen silent, and says so in the node's conditions and taints.
//
// Upstream: pkg/controller/nodelifecycle.
//
// How it works. Every 5 seconds it looks at each node's Lease and Ready
// condition, and remembers, by its own clock, when either last moved. After 50
// seconds of silence it writes the conditions as Unknown and marks the node's
// pods as not ready. Separately, whenever a node's conditions or its
// unschedulable field change, it makes the taints match: NoSchedule for
// pressure and cordon at once; NoExecute for not-ready and unreachable, by which
// taint eviction removes pods. If every node is silent, the fault is more
// likely ours than theirs, and no NoExecute taint is added.
//
// What we leave out: zones with rates of eviction of their own (a whole zone's
// share of silent nodes slows eviction upstream), and metrics.
package nodelifecycle
