// Package queue is the scheduling queue: which pod is next.
//
// Upstream: pkg/scheduler/backend/queue.
//
// How it works. A pod is in one of three places. The active heap, ordered by
// the profile's QueueSort, is what Pop takes from. The back-off heap holds pods
// that failed a moment ago, until 1 s, 2 s, 4 s, ... 10 s have passed. The
// unschedulable pool holds pods that were refused; an event that may help moves
// them to the active or the back-off heap, and five minutes do too. An event
// that comes while a pod is being scheduled counts for it as well: without that
// a pod could miss the very change it waits for. Gated pods wait in the pool
// until their gates are gone.
//
// What we leave out: the nominator, for there is no preemption; a hint of its
// own for each plugin and event: the events that a plugin names all count.
package queue
