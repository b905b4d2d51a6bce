// Package etcd is the suite that every etcd.KV must pass, whatever keeps its data.
//
// Upstream: go.etcd.io/etcd/tests/common, tests/robustness/validate.
//
// How it works. KV runs named tests, each on a store that opener opens for it.
// Watches are tested the hardest, for that is where etcd's own record of bugs
// lies: order, uniqueness, completeness, from any revision, for slow readers.
//
// What we leave out: failures of the disk, which are no part of the interface.
package etcd
