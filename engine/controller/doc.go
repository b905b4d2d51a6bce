// Package controller is the kit of a control loop: what every controller of
// kube-controller-manager is made of.
//
// Upstream: pkg/controller (controller_utils.go, controller_ref_manager.go,
// lookup_cache.go) and the queue code that stands in each controller there.
//
// How it works. A controller watches some kinds through shared informers and
// turns each change into the key of the object that it looks after. A Loop is
// the rest: a queue that holds each key once, workers that call sync for a key,
// and exponential back-off of a key whose sync failed. Sync reads the caches,
// compares desired with current, and acts through the API as the controller's
// own service account. Expectations keep a sync from acting twice on a cache
// that has not yet seen what the last sync did. Refs says which pods a
// controller owns, may adopt, or must release.
//
// What we leave out: the rate limit on a whole queue, for no remote server is to
// be spared; metrics of the queues.
package controller
