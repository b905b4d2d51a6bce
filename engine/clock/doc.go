// Package clock is the cluster's time: real, paused, or faster.
//
// Upstream: k8s.io/utils/clock, whose WithTicker every component takes.
//
// How it works. Cluster time runs at a rate: it stands at an anchor (a real and
// a cluster instant) and moves speed times as fast as real time; at speed 0 it
// is paused. Timers wait in a heap ordered by cluster time; one real timer is
// set for the earliest and set anew whenever the rate or the heap changes. So a
// teacher who speeds the class up shortens waits that have already begun, and
// guests, probes, leases and back-offs all see the same time.
//
// What we leave out: time that goes backwards, and zones.
package clock
