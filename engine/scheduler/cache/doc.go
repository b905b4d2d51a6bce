// Package cache is the scheduler's picture of the cluster: nodes, the pods on
// them, and the pods it has decided to put there.
//
// Upstream: pkg/scheduler/backend/cache.
//
// How it works. Each node's NodeInfo is immutable; a change makes a new one.
// Snapshot hands out the slice of them, made anew only after a change. A pod is
// assumed on its node when the decision is made, and confirmed when the informer
// shows it bound; if binding fails it is forgotten. A pod may come before its
// node: then the node's place is kept, and not handed out.
//
// What we leave out: expiry of assumed pods, which upstream turned off too, and
// the order by zones.
package cache
