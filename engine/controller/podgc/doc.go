// Package podgc is the pod garbage collector: it removes pods that nobody else
// will.
//
// Upstream: pkg/controller/podgc.
//
// How it works. Every 20 seconds it deletes, at once and without grace: pods on
// nodes that are gone (after a quarantine of 40 seconds), pods that are being
// deleted but were never scheduled, pods stuck on dead nodes tainted out-of-service,
// and the oldest ended pods beyond a threshold (12500). Pods that had not ended
// are first marked Failed, so that their controllers see how they went.
//
// What we leave out: metrics.
package podgc
