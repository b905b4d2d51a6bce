// Package clusterroleaggregation is the cluster role aggregation controller: the
// roles admin, edit and view hold the rules of all roles whose labels they select.
//
// Upstream: pkg/controller/clusterroleaggregation.
//
// How it works. Whenever any ClusterRole changes, every role with an
// aggregationRule is enqueued, for there are few; sync gathers the rules of the
// roles it selects, and applies them if they differ.
//
// What we leave out: nothing.
package clusterroleaggregation
