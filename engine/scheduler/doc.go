// Package scheduler is kube-scheduler: it finds a node for each pod that has none.
//
// Upstream: pkg/scheduler.
//
// How it works. Informers put pods without a node into the queue, and nodes and
// pods with a node into the cache. One loop takes the first pod of the queue and
// a snapshot of the cache, and asks the plugins of the pod's profile: PreFilter
// once, Filter for each node (a refusal says why), then Score for each node that
// is left. The best node wins, ties by lot. The pod is assumed there at once, so
// that the next one sees its place taken, and bound in the background. A pod
// that fits nowhere gets a FailedScheduling event and waits until something
// happens that may help it, as its refusing plugins tell, or five minutes.
//
// What we leave out: preemption, gangs, extenders, percentageOfNodesToScore,
// events through events.k8s.io (they go through core/v1, which kubectl shows
// alike), taking pods out of back-off early when there is nothing else to do, and
// the plugins for volumes, spreading, inter-pod affinity and dynamic resources;
// a pod that asks for those is refused by an event, not scheduled blindly.
package scheduler
